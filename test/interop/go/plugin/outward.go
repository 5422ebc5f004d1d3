package main

import (
	"context"
	"errors"
	"sync"

	pluginv1 "github.com/orchestra-mcp/gen-go/orchestra/plugin/v1"
	"github.com/orchestra-mcp/sdk-go/plugin"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"
)

// registerOutward adds a tool that sends any request to the orchestrator, as JSON of the protocol's messages both ways.
func registerOutward(builder *plugin.PluginBuilder, client func() *plugin.OrchestratorClient) {
	builder.RegisterTool("ask_orchestrator", "Sends a request to the orchestrator.", nil,
		func(ctx context.Context, request *pluginv1.ToolRequest) (*pluginv1.ToolResponse, error) {
			if client() == nil {
				return nil, errors.New("there is no orchestrator")
			}
			asked, err := protojson.Marshal(request.GetArguments().GetFields()["request"])
			if err != nil {
				return nil, err
			}
			outward := &pluginv1.PluginRequest{}
			if err := protojson.Unmarshal(asked, outward); err != nil {
				return nil, err
			}
			answer, err := client().Send(ctx, outward)
			if err != nil {
				return nil, err
			}
			told, err := protojson.Marshal(answer)
			if err != nil {
				return nil, err
			}
			result := &structpb.Struct{}
			if err := protojson.Unmarshal(told, result); err != nil {
				return nil, err
			}
			return &pluginv1.ToolResponse{Success: true, Result: result}, nil
		})
}

var heard struct {
	sync.Mutex
	events []*structpb.Value
}

// registerEvents adds a tool that tells which events arrived.
func registerEvents(builder *plugin.PluginBuilder) {
	builder.RegisterTool("heard", "Says which events arrived.", nil,
		func(context.Context, *pluginv1.ToolRequest) (*pluginv1.ToolResponse, error) {
			heard.Lock()
			defer heard.Unlock()
			list := structpb.NewListValue(&structpb.ListValue{Values: append([]*structpb.Value{}, heard.events...)})
			return &pluginv1.ToolResponse{Success: true, Result: &structpb.Struct{Fields: map[string]*structpb.Value{"events": list}}}, nil
		})
}

// subscribe listens to hot temperatures, and says so in the manifest, for which the SDK's builder has no method. It listens to alerts
// too, for which it asks the orchestrator later.
func subscribe(running *plugin.Plugin) {
	running.Manifest().NeedsEvents = append(running.Manifest().NeedsEvents, "temperature")
	running.Server().Subscribe("temperature", map[string]string{"level": "hot"}, note)
	running.Server().Subscribe("alerts.fire", nil, note)
}

func note(_ context.Context, event *pluginv1.EventDelivery) {
	heard.Lock()
	defer heard.Unlock()
	heard.events = append(heard.events, structpb.NewStructValue(&structpb.Struct{Fields: map[string]*structpb.Value{
		"topic":   structpb.NewStringValue(event.Topic),
		"type":    structpb.NewStringValue(event.EventType),
		"source":  structpb.NewStringValue(event.SourcePlugin),
		"payload": structpb.NewStructValue(event.Payload),
	}}))
}
