package kit

import (
	"context"
	"errors"
	"fmt"

	pluginv1 "github.com/orchestra-mcp/gen-go/orchestra/plugin/v1"
	"github.com/orchestra-mcp/sdk-go/plugin"
)

// Prompt is a prompt that the tests ask for.
type Prompt struct {
	Name, Description string
	Arguments         []*pluginv1.PromptArgument
	Handler           plugin.PromptHandler
}

// Prompts are one without arguments, one with, and one that fails.
func Prompts() []Prompt {
	return []Prompt{
		{"hello", "Says hello.", nil, hello},
		{"review", "Asks for a review.", []*pluginv1.PromptArgument{
			{Name: "file", Description: "What to review", Required: true},
			{Name: "tone", Description: "How"},
		}, review},
		{"broken", "Fails.", nil, broken},
	}
}

func message(role, text string) *pluginv1.PromptMessage {
	return &pluginv1.PromptMessage{Role: role, Content: &pluginv1.ContentBlock{Type: "text", Text: text}}
}

func hello(context.Context, *pluginv1.PromptGetRequest) (*pluginv1.PromptGetResponse, error) {
	return &pluginv1.PromptGetResponse{Description: "Says hello.", Messages: []*pluginv1.PromptMessage{message("user", "hello")}}, nil
}

func review(_ context.Context, request *pluginv1.PromptGetRequest) (*pluginv1.PromptGetResponse, error) {
	file := request.Arguments["file"]
	if file == "" {
		return nil, errors.New("file is missing")
	}
	return &pluginv1.PromptGetResponse{
		Description: "Asks for a review.",
		Messages: []*pluginv1.PromptMessage{
			message("user", fmt.Sprintf("review %s, %s", file, request.Arguments["tone"])),
			message("assistant", "I am reading."),
		},
	}, nil
}

func broken(context.Context, *pluginv1.PromptGetRequest) (*pluginv1.PromptGetResponse, error) {
	return nil, errors.New("the Go prompt broke")
}
