// Package kit holds the tools, prompts and storage that the Go side of the interop tests offers, whether as a plugin or as a
// bare server of the SDK.
package kit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	pluginv1 "github.com/orchestra-mcp/gen-go/orchestra/plugin/v1"
	"github.com/orchestra-mcp/sdk-go/plugin"
	"google.golang.org/protobuf/types/known/structpb"
)

// Tool is a tool that answers once.
type Tool struct {
	Name, Description string
	Schema            *structpb.Struct
	Handler           plugin.ToolHandler
}

// Tools are what the tests call.
func Tools() []Tool {
	return []Tool{
		{"echo", "Gives back what it got.", schema(map[string]any{"city": "string", "days": "integer"}), echo},
		{"kinds", "Says of which kind each argument arrived.", nil, kinds},
		{"fail", "Fails with an error.", nil, fail},
		{"app_error", "Answers with an error code of its own.", nil, appError},
		{"no_answer", "Returns neither a result nor an error.", nil, noAnswer},
		{"no_result", "Succeeds without a result.", nil, noResult},
		{"panic", "Panics, which ends a Go process.", nil, panics},
		{"slow", "Takes the milliseconds that it is told.", schema(map[string]any{"ms": "integer"}), slow},
		{"blob", "Answers with a text of the length that it is told.", nil, blob},
		{"length", "Says how long a text is.", nil, length},
		{"odd", "Answers with what JSON cannot say.", nil, odd},
	}
}

func schema(properties map[string]any) *structpb.Struct {
	fields := map[string]any{}
	for name, kind := range properties {
		fields[name] = map[string]any{"type": kind}
	}
	made, err := structpb.NewStruct(map[string]any{"type": "object", "properties": fields})
	if err != nil {
		panic(err)
	}
	return made
}

func success(result *structpb.Struct) (*pluginv1.ToolResponse, error) {
	return &pluginv1.ToolResponse{Success: true, Result: result}, nil
}

func successOf(fields map[string]any) (*pluginv1.ToolResponse, error) {
	result, err := structpb.NewStruct(fields)
	if err != nil {
		return nil, err
	}
	return success(result)
}

func echo(_ context.Context, request *pluginv1.ToolRequest) (*pluginv1.ToolResponse, error) {
	return success(request.Arguments)
}

func kinds(_ context.Context, request *pluginv1.ToolRequest) (*pluginv1.ToolResponse, error) {
	seen := map[string]any{}
	for name, value := range request.GetArguments().GetFields() {
		seen[name] = strings.TrimPrefix(fmt.Sprintf("%T", value.GetKind()), "*structpb.Value_")
	}
	return successOf(map[string]any{
		"kinds":    seen,
		"caller":   request.CallerPlugin,
		"provider": request.Provider,
		"session":  request.SessionId,
		"trace":    request.TraceParent,
	})
}

func fail(context.Context, *pluginv1.ToolRequest) (*pluginv1.ToolResponse, error) {
	return nil, errors.New("the Go tool failed: äöü")
}

func appError(context.Context, *pluginv1.ToolRequest) (*pluginv1.ToolResponse, error) {
	return &pluginv1.ToolResponse{ErrorCode: "burnt", ErrorMessage: "the dish is burnt"}, nil
}

func noAnswer(context.Context, *pluginv1.ToolRequest) (*pluginv1.ToolResponse, error) {
	return nil, nil
}

func noResult(context.Context, *pluginv1.ToolRequest) (*pluginv1.ToolResponse, error) {
	return &pluginv1.ToolResponse{Success: true}, nil
}

func panics(context.Context, *pluginv1.ToolRequest) (*pluginv1.ToolResponse, error) {
	panic("the Go tool panicked")
}

func slow(ctx context.Context, request *pluginv1.ToolRequest) (*pluginv1.ToolResponse, error) {
	ms := request.GetArguments().GetFields()["ms"].GetNumberValue()
	select {
	case <-time.After(time.Duration(ms) * time.Millisecond):
		return successOf(map[string]any{"slept": ms})
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func blob(_ context.Context, request *pluginv1.ToolRequest) (*pluginv1.ToolResponse, error) {
	bytes := int(request.GetArguments().GetFields()["bytes"].GetNumberValue())
	return successOf(map[string]any{"text": strings.Repeat("b", bytes)})
}

func length(_ context.Context, request *pluginv1.ToolRequest) (*pluginv1.ToolResponse, error) {
	return successOf(map[string]any{"length": len(request.GetArguments().GetFields()["text"].GetStringValue())})
}

func odd(_ context.Context, request *pluginv1.ToolRequest) (*pluginv1.ToolResponse, error) {
	value := &structpb.Value{}
	switch what := request.GetArguments().GetFields()["what"].GetStringValue(); what {
	case "nan":
		value = structpb.NewNumberValue(math.NaN())
	case "infinity":
		value = structpb.NewNumberValue(math.Inf(1))
	case "nothing":
		// A Value of no kind at all.
	case "bad_utf8":
		value = structpb.NewStringValue("\xff\xfe")
	case "deep":
		value = structpb.NewStringValue("bottom")
		for range 200 {
			value = structpb.NewListValue(&structpb.ListValue{Values: []*structpb.Value{value}})
		}
	default:
		return nil, fmt.Errorf("nothing odd is called %q", what)
	}
	return success(&structpb.Struct{Fields: map[string]*structpb.Value{"odd": value}})
}
