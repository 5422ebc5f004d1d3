package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"time"

	pluginv1 "github.com/orchestra-mcp/gen-go/orchestra/plugin/v1"
	"github.com/orchestra-mcp/sdk-go/plugin"
	"google.golang.org/protobuf/encoding/protojson"
	"orchestra.test/interop/kit"
)

// sdkServer makes a server of the SDK itself with all that the kit has.
func sdkServer(address string, tls *tls.Config) *plugin.Server {
	server := plugin.NewServer(address, tls)
	for _, tool := range kit.Tools() {
		server.RegisterTool(tool.Name, tool.Description, tool.Schema, tool.Handler)
	}
	for _, tool := range kit.StreamingTools() {
		server.RegisterStreamingTool(tool.Name, tool.Description, tool.Schema, tool.Handler)
	}
	for _, prompt := range kit.Prompts() {
		server.RegisterPrompt(prompt.Name, prompt.Description, prompt.Arguments, prompt.Handler)
	}
	server.SetStorageHandler(kit.NewStore())
	return server
}

type sdkServeParams struct {
	Dir  string `json:"dir"`
	Name string `json:"name"`
}

// sdkServe serves over QUIC with the SDK's own server.
func sdkServe(params sdkServeParams) (any, error) {
	tls, err := plugin.ServerTLSConfig(params.Dir, params.Name)
	if err != nil {
		return nil, err
	}
	server := sdkServer("127.0.0.1:0", tls)
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe(context.Background()) }()
	ready := make(chan string, 1)
	go func() { ready <- server.ActualAddr() }()
	select {
	case bound := <-ready:
		return map[string]any{"address": bound}, nil
	case err := <-failed:
		return nil, err
	}
}

type nothing struct{}

// tcpServe serves plaintext TCP, one request a connection, with the SDK's own server.
func tcpServe(nothing) (any, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	failed := make(chan error, 1)
	go func() { failed <- sdkServer(address, nil).ListenAndServeTCP(context.Background(), address) }()
	for {
		select {
		case err := <-failed:
			return nil, err
		case <-time.After(5 * time.Millisecond):
		}
		if connection, err := net.Dial("tcp", address); err == nil {
			_ = connection.Close()
			return map[string]any{"address": address}, nil
		}
	}
}

// freeAddress finds a free port: the SDK's TCP server does not tell the port that it got.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

type tcpSendParams struct {
	Address string          `json:"address"`
	Request json.RawMessage `json:"request"`
	// HalfClose ends the sending side after the request.
	HalfClose bool `json:"halfClose"`
	// CancelAfter sends stream_cancel on the same connection after that many responses; 0 for never.
	CancelAfter int `json:"cancelAfter"`
}

// tcpSend is a client of plaintext TCP: the SDK has the framing and no client. It reads to the end of the connection.
func tcpSend(params tcpSendParams) (any, error) {
	connection, err := net.DialTimeout("tcp", params.Address, stepTimeout)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(stepTimeout)); err != nil {
		return nil, err
	}
	request := &pluginv1.PluginRequest{}
	if err := protojson.Unmarshal(params.Request, request); err != nil {
		return nil, err
	}
	if err := plugin.WriteMessage(connection, request); err != nil {
		return nil, err
	}
	if params.HalfClose {
		if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
			return nil, err
		}
	}
	responses := []json.RawMessage{}
	reader := bufio.NewReader(connection)
	for {
		if _, err := reader.Peek(1); err != nil {
			if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
				return nil, fmt.Errorf("the server neither answered nor closed, after %d responses", len(responses))
			}
			return responses, nil
		}
		response := &pluginv1.PluginResponse{}
		if err := plugin.ReadMessage(reader, response); err != nil {
			return nil, err
		}
		told, err := toJSON(response)
		if err != nil {
			return nil, err
		}
		responses = append(responses, told)
		if len(responses) == params.CancelAfter {
			cancel := &pluginv1.PluginRequest{
				RequestId: request.RequestId,
				Request: &pluginv1.PluginRequest_StreamCancel{
					StreamCancel: &pluginv1.StreamCancel{StreamId: request.GetStreamStart().GetStreamId()},
				},
			}
			if err := plugin.WriteMessage(connection, cancel); err != nil {
				return nil, err
			}
		}
	}
}
