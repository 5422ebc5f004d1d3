package main

import (
	"context"
	"fmt"
	"strconv"

	pluginv1 "github.com/orchestra-mcp/gen-go/orchestra/plugin/v1"
	"github.com/orchestra-mcp/sdk-go/plugin"
)

// sdkSession is a connection by the client of the Go SDK.
type sdkSession struct {
	client *plugin.OrchestratorClient
}

func dialSDK(certsDir, address string) (session, error) {
	tls, err := plugin.ClientTLSConfig(certsDir, clientName)
	if err != nil {
		return nil, err
	}
	client, err := plugin.NewOrchestratorClient(context.Background(), address, tls)
	if err != nil {
		return nil, err
	}
	return &sdkSession{client}, nil
}

func (s *sdkSession) call(text string, count int) error {
	response, err := s.client.Send(context.Background(), &pluginv1.PluginRequest{
		RequestId: strconv.Itoa(count),
		Request: &pluginv1.PluginRequest_ToolCall{ToolCall: &pluginv1.ToolRequest{
			ToolName:  "echo",
			Arguments: echoArguments(text, count),
		}},
	})
	if err != nil {
		return err
	}
	answer := response.GetToolCall()
	if !answer.GetSuccess() || !isAnswer(answer.GetResult(), text, count) {
		return fmt.Errorf("call %d was answered wrongly: %s", count, answer.GetErrorMessage())
	}
	return nil
}

func (s *sdkSession) stream(ctx context.Context, chunks, size int, onChunk func()) error {
	responses, err := s.client.SendStream(ctx, &pluginv1.PluginRequest{
		RequestId: "stream",
		Request: &pluginv1.PluginRequest_StreamStart{StreamStart: &pluginv1.StreamStart{
			StreamId:  "stream",
			ToolName:  "count",
			Arguments: streamArguments(chunks, size),
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

func (s *sdkSession) close() {
	_ = s.client.Close()
}
