package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	pluginv1 "github.com/orchestra-mcp/gen-go/orchestra/plugin/v1"
	"github.com/orchestra-mcp/sdk-go/plugin"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
)

// stepTimeout bounds every step here; the SDK itself has no deadlines.
const stepTimeout = 20 * time.Second

var clients handles[*plugin.OrchestratorClient]

type certsParams struct {
	Dir   string   `json:"dir"`
	Names []string `json:"names"`
}

// makeCerts makes the CA and leaves where there are none, as the SDK does.
func makeCerts(params certsParams) (any, error) {
	certificate, key, err := plugin.EnsureCA(params.Dir)
	if err != nil {
		return nil, err
	}
	for _, name := range params.Names {
		if _, err := plugin.GenerateCert(params.Dir, name, certificate, key); err != nil {
			return nil, err
		}
	}
	return map[string]any{"ca": certificate.Subject.CommonName}, nil
}

type dialParams struct {
	Dir     string `json:"dir"`
	Name    string `json:"name"`
	Address string `json:"address"`
	// Anonymous leaves the certificate out.
	Anonymous bool `json:"anonymous"`
}

func dial(params dialParams) (any, error) {
	tls, err := plugin.ClientTLSConfig(params.Dir, params.Name)
	if err != nil {
		return nil, err
	}
	if params.Anonymous {
		tls.Certificates = nil
	}
	// Not cancelled here: the connection lives as long as its context.
	client, err := plugin.NewOrchestratorClient(context.Background(), params.Address, tls)
	if err != nil {
		return nil, err
	}
	return map[string]any{"client": clients.add(client)}, nil
}

type sendParams struct {
	Client  int             `json:"client"`
	Request json.RawMessage `json:"request"`
	// UnknownField, if given, is a field of the request that the Go messages do not have: an empty message of that number.
	UnknownField int `json:"unknownField"`
	// CancelAfter is after how many responses a stream is cancelled; 0 for never.
	CancelAfter int `json:"cancelAfter"`
}

func (params sendParams) decode() (*pluginv1.PluginRequest, error) {
	request := &pluginv1.PluginRequest{}
	if err := protojson.Unmarshal(params.Request, request); err != nil {
		return nil, err
	}
	if params.UnknownField != 0 {
		bytes := protowire.AppendTag(nil, protowire.Number(params.UnknownField), protowire.BytesType)
		request.ProtoReflect().SetUnknown(protowire.AppendBytes(bytes, nil))
	}
	return request, nil
}

func toJSON(response *pluginv1.PluginResponse) (json.RawMessage, error) {
	return protojson.Marshal(response)
}

func send(params sendParams) (any, error) {
	client, err := clients.get(params.Client)
	if err != nil {
		return nil, err
	}
	request, err := params.decode()
	if err != nil {
		return nil, err
	}
	return exchange(client, request)
}

// exchange sends one request. The SDK waits for its answer for ever, so the wait is cut off here.
func exchange(client *plugin.OrchestratorClient, request *pluginv1.PluginRequest) (json.RawMessage, error) {
	type outcome struct {
		response *pluginv1.PluginResponse
		err      error
	}
	done := make(chan outcome, 1)
	go func() {
		response, err := client.Send(context.Background(), request)
		done <- outcome{response, err}
	}()
	select {
	case got := <-done:
		if got.err != nil {
			return nil, got.err
		}
		return toJSON(got.response)
	case <-time.After(stepTimeout):
		return nil, fmt.Errorf("no answer within %s", stepTimeout)
	}
}

// stream reads a stream to its end, or cancels it on the way.
func stream(params sendParams) (any, error) {
	client, err := clients.get(params.Client)
	if err != nil {
		return nil, err
	}
	request, err := params.decode()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	channel, err := client.SendStream(ctx, request)
	if err != nil {
		return nil, err
	}
	responses := []json.RawMessage{}
	deadline := time.After(stepTimeout)
	for {
		select {
		case response, open := <-channel:
			if !open {
				return responses, nil
			}
			told, err := toJSON(response)
			if err != nil {
				return nil, err
			}
			responses = append(responses, told)
			if len(responses) == params.CancelAfter {
				cancel()
				return responses, nil
			}
		case <-deadline:
			return nil, fmt.Errorf("the stream did not end within %s", stepTimeout)
		}
	}
}

type clientParams struct {
	Client int `json:"client"`
}

func hangUp(params clientParams) (any, error) {
	client, err := clients.get(params.Client)
	if err != nil {
		return nil, err
	}
	return map[string]any{}, client.Close()
}
