package main

import (
	"context"
	"encoding/json"
	"sync"

	pluginv1 "github.com/orchestra-mcp/gen-go/orchestra/plugin/v1"
	"github.com/orchestra-mcp/sdk-go/plugin"
	"github.com/quic-go/quic-go"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"
	"orchestra.test/interop/kit"
)

// orchestrator is a QUIC server that keeps what it was asked, and by whom.
type orchestrator struct {
	reject string
	store  *kit.Store
	mu     sync.Mutex
	asked  []asked
}

// asked is a request, with the common name on the certificate of whoever sent it.
type asked struct {
	Peer    string          `json:"peer"`
	Request json.RawMessage `json:"request"`
}

var orchestrators handles[*orchestrator]

type serveParams struct {
	Dir  string `json:"dir"`
	Name string `json:"name"`
	// Reject is the reason why every registration is refused; empty to accept.
	Reject string `json:"reject"`
}

func serve(params serveParams) (any, error) {
	tls, err := plugin.ServerTLSConfig(params.Dir, params.Name)
	if err != nil {
		return nil, err
	}
	listener, err := quic.ListenAddr("127.0.0.1:0", tls, &quic.Config{})
	if err != nil {
		return nil, err
	}
	made := &orchestrator{reject: params.Reject, store: kit.NewStore()}
	go func() {
		for {
			connection, err := listener.Accept(context.Background())
			if err != nil {
				return
			}
			go made.serveConnection(connection)
		}
	}()
	return map[string]any{"server": orchestrators.add(made), "address": listener.Addr().String()}, nil
}

func (o *orchestrator) serveConnection(connection quic.Connection) {
	var name string
	if chain := connection.ConnectionState().TLS.PeerCertificates; len(chain) > 0 {
		name = chain[0].Subject.CommonName
	}
	for {
		stream, err := connection.AcceptStream(context.Background())
		if err != nil {
			return
		}
		go func() {
			defer stream.Close()
			var request pluginv1.PluginRequest
			if err := plugin.ReadMessage(stream, &request); err != nil {
				return
			}
			if told, err := protojson.Marshal(&request); err == nil {
				o.mu.Lock()
				o.asked = append(o.asked, asked{name, told})
				o.mu.Unlock()
			}
			response := o.answer(&request)
			response.RequestId = request.RequestId
			_ = plugin.WriteMessage(stream, response)
		}()
	}
}

func (o *orchestrator) answer(request *pluginv1.PluginRequest) *pluginv1.PluginResponse {
	ctx := context.Background()
	switch {
	case request.GetRegister() != nil:
		return &pluginv1.PluginResponse{Response: &pluginv1.PluginResponse_Register{
			Register: &pluginv1.RegistrationResult{Accepted: o.reject == "", RejectReason: o.reject},
		}}
	case request.GetToolCall() != nil:
		return &pluginv1.PluginResponse{Response: &pluginv1.PluginResponse_ToolCall{ToolCall: o.call(request.GetToolCall())}}
	case request.GetPublish() != nil, request.GetUnsubscribe() != nil:
		return &pluginv1.PluginResponse{}
	case request.GetSubscribe() != nil:
		// As the SDK's own server acknowledges it.
		return &pluginv1.PluginResponse{Response: &pluginv1.PluginResponse_EventDelivery{EventDelivery: &pluginv1.EventDelivery{
			SubscriptionId: request.GetSubscribe().SubscriptionId,
			Topic:          request.GetSubscribe().Topic,
		}}}
	case request.GetStorageWrite() != nil:
		written, err := o.store.Write(ctx, request.GetStorageWrite())
		if err != nil {
			written = &pluginv1.StorageWriteResponse{Error: err.Error()}
		}
		return &pluginv1.PluginResponse{Response: &pluginv1.PluginResponse_StorageWrite{StorageWrite: written}}
	case request.GetStorageRead() != nil:
		found, err := o.store.Read(ctx, request.GetStorageRead())
		if err != nil {
			found = &pluginv1.StorageReadResponse{}
		}
		return &pluginv1.PluginResponse{Response: &pluginv1.PluginResponse_StorageRead{StorageRead: found}}
	default:
		return &pluginv1.PluginResponse{Response: &pluginv1.PluginResponse_ToolCall{ToolCall: &pluginv1.ToolResponse{
			ErrorCode: "unknown_request", ErrorMessage: "unrecognized request type",
		}}}
	}
}

func (o *orchestrator) call(request *pluginv1.ToolRequest) *pluginv1.ToolResponse {
	if request.ToolName != "greet" {
		return &pluginv1.ToolResponse{ErrorCode: "tool_not_found", ErrorMessage: "tool not found: " + request.ToolName}
	}
	text := "hello " + request.GetArguments().GetFields()["name"].GetStringValue() + " from Go"
	return &pluginv1.ToolResponse{
		Success: true,
		Result:  &structpb.Struct{Fields: map[string]*structpb.Value{"text": structpb.NewStringValue(text)}},
	}
}

type servedParams struct {
	Server int `json:"server"`
}

// served tells what a server was asked so far.
func served(params servedParams) (any, error) {
	server, err := orchestrators.get(params.Server)
	if err != nil {
		return nil, err
	}
	server.mu.Lock()
	defer server.mu.Unlock()
	return append([]asked{}, server.asked...), nil
}
