package main

import (
	"context"
	"fmt"
	"strconv"

	pluginv1 "github.com/orchestra-mcp/gen-go/orchestra/plugin/v1"
	"github.com/orchestra-mcp/sdk-go/plugin"
	"google.golang.org/protobuf/types/known/structpb"
)

// target is what the harness tells a client.
type target struct {
	Address       string   `json:"address"`
	CertsDir      string   `json:"certsDir"`
	ServerCommand []string `json:"serverCommand"`
}

// session is a connection to a server.
type session struct {
	client *plugin.OrchestratorClient
}

func dial(certsDir, address string) (*session, error) {
	tls, err := plugin.ClientTLSConfig(certsDir, clientName)
	if err != nil {
		return nil, err
	}
	client, err := plugin.NewOrchestratorClient(context.Background(), address, tls)
	if err != nil {
		return nil, err
	}
	return &session{client}, nil
}

func (s *session) call(text string, count int) error {
	response, err := s.client.Send(context.Background(), &pluginv1.PluginRequest{
		RequestId: strconv.Itoa(count),
		Request: &pluginv1.PluginRequest_ToolCall{ToolCall: &pluginv1.ToolRequest{
			ToolName: "echo",
			Arguments: &structpb.Struct{Fields: map[string]*structpb.Value{
				"text":  structpb.NewStringValue(text),
				"count": structpb.NewNumberValue(float64(count)),
			}},
		}},
	})
	if err != nil {
		return err
	}
	answer := response.GetToolCall()
	fields := answer.GetResult().GetFields()
	if !answer.GetSuccess() || fields["count"].GetNumberValue() != float64(count+1) ||
		len(fields["text"].GetStringValue()) != len(text) {
		return fmt.Errorf("call %d was answered wrongly: %s", count, answer.GetErrorMessage())
	}
	return nil
}

// stream reads chunks and tells of each; the context ends it.
func (s *session) stream(ctx context.Context, chunks, size int, onChunk func()) error {
	responses, err := s.client.SendStream(ctx, &pluginv1.PluginRequest{
		RequestId: "stream",
		Request: &pluginv1.PluginRequest_StreamStart{StreamStart: &pluginv1.StreamStart{
			StreamId: "stream",
			ToolName: "count",
			Arguments: &structpb.Struct{Fields: map[string]*structpb.Value{
				"chunks": structpb.NewNumberValue(float64(chunks)),
				"bytes":  structpb.NewNumberValue(float64(size)),
			}},
		}},
	})
	if err != nil {
		return err
	}
	received := 0
	for response := range responses {
		if chunk := response.GetStreamChunk(); chunk != nil {
			if len(chunk.GetData()) != size {
				return fmt.Errorf("a chunk has %d bytes instead of %d", len(chunk.GetData()), size)
			}
			received++
			onChunk()
		}
	}
	if received != chunks {
		return fmt.Errorf("%d chunks came instead of %d", received, chunks)
	}
	return nil
}

func (s *session) close() {
	_ = s.client.Close()
}
