// Command plugin is a plugin on the public Go SDK, for the interop tests.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/orchestra-mcp/sdk-go/plugin"
	"orchestra.test/interop/kit"
)

func main() {
	id := "go-tools"
	if other := os.Getenv("GO_PLUGIN_ID"); other != "" {
		id = other
	}
	builder := plugin.New(id).
		Version("1.4.2").
		Description("A plugin on the Go SDK.").
		Author("The Go side").
		Binary("go-tools").
		ProvidesStorage("gostore").
		ProvidesTransport("quic").
		NeedsStorage("notes").
		NeedsAI("claude").
		NeedsTools("forecast").
		SetStorageHandler(kit.NewStore()).
		Lifecycle(&hooks{})
	for _, tool := range kit.Tools() {
		builder.RegisterTool(tool.Name, tool.Description, tool.Schema, tool.Handler)
	}
	builder.RegisterTool("produced", "Says how far flood is.", nil, kit.Produced)
	for _, tool := range kit.StreamingTools() {
		builder.RegisterStreamingTool(tool.Name, tool.Description, tool.Schema, tool.Handler)
	}
	for _, prompt := range kit.Prompts() {
		builder.RegisterPrompt(prompt.Name, prompt.Description, prompt.Arguments, prompt.Handler)
	}
	var running *plugin.Plugin
	registerOutward(builder, func() *plugin.OrchestratorClient { return running.OrchestratorClient() })
	registerEvents(builder)
	running = builder.BuildWithTools()
	subscribe(running)
	running.ParseFlags()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := running.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
