package main

import (
	"context"
	"io"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/structpb"
)

// talkPlugin dispenses the connection itself: Talk takes and gives structs.
type talkPlugin struct{ plugin.NetRPCUnsupportedPlugin }

func (talkPlugin) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return nil }

func (talkPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, connection *grpc.ClientConn) (interface{}, error) {
	return connection, nil
}

func talk(protocol plugin.ClientProtocol, saw map[string]interface{}) error {
	raw, err := protocol.Dispense("talk")
	if err != nil {
		return err
	}
	connection := raw.(*grpc.ClientConn)
	numbers := []interface{}{1.0, 2.0, 3.0}
	for _, method := range []string{"Sum", "Chat", "Count", "Refuse"} {
		answers, err := stream(connection, method, numbers)
		if err != nil {
			saw[method] = err.Error()
		} else {
			saw[method] = answers
		}
	}
	empty, err := stream(connection, "Sum", nil)
	if err != nil {
		return err
	}
	saw["empty"] = empty
	if saw["left"], err = leave(connection); err != nil {
		return err
	}
	saw["services"], err = reflect(connection)
	return err
}

// stream sends `{"n": …}` messages, and reads what comes back.
func stream(connection *grpc.ClientConn, method string, numbers []interface{}) ([]interface{}, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	call, err := connection.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, "/talk.v1.Talk/"+method)
	if err != nil {
		return nil, err
	}
	for _, n := range numbers {
		message, _ := structpb.NewStruct(map[string]interface{}{"n": n})
		if err := call.SendMsg(message); err != nil {
			break
		}
		if method == "Count" {
			break
		}
	}
	_ = call.CloseSend()
	answers := []interface{}{}
	for {
		var answer structpb.Struct
		if err := call.RecvMsg(&answer); err == io.EOF {
			return answers, nil
		} else if err != nil {
			return nil, err
		}
		answers = append(answers, answer.AsMap())
	}
}

// leave gives up a conversation that never ends, and asks how many the plugin saw end.
func leave(connection *grpc.ClientConn) (interface{}, error) {
	ctx, cancel := context.WithCancel(context.Background())
	call, err := connection.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, "/talk.v1.Talk/Chat")
	if err != nil {
		cancel()
		return nil, err
	}
	var answer structpb.Struct
	message, _ := structpb.NewStruct(map[string]interface{}{"n": 1})
	_ = call.SendMsg(message)
	err = call.RecvMsg(&answer)
	cancel()
	if err != nil {
		return nil, err
	}
	for range 500 {
		answers, err := stream(connection, "Left", []interface{}{0.0})
		if err != nil {
			return nil, err
		}
		if left := answers[0].(map[string]interface{})["left"]; left != 0.0 {
			return left, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return 0, nil
}

// reflect asks what services there are, and has Go itself read the descriptors of one.
func reflect(connection *grpc.ClientConn) (interface{}, error) {
	call, err := grpc_reflection_v1.NewServerReflectionClient(connection).ServerReflectionInfo(context.Background())
	if err != nil {
		return nil, err
	}
	ask := func(request *grpc_reflection_v1.ServerReflectionRequest) (*grpc_reflection_v1.ServerReflectionResponse, error) {
		if err := call.Send(request); err != nil {
			return nil, err
		}
		return call.Recv()
	}
	listed, err := ask(&grpc_reflection_v1.ServerReflectionRequest{
		MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_ListServices{ListServices: "*"},
	})
	if err != nil {
		return nil, err
	}
	services := map[string]interface{}{}
	for _, service := range listed.GetListServicesResponse().GetService() {
		services[service.Name] = []string{}
	}
	for _, name := range []string{"talk.v1.Talk", "proto.Counter"} {
		described, err := ask(&grpc_reflection_v1.ServerReflectionRequest{
			MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: name},
		})
		if err != nil {
			return nil, err
		}
		methods := []string{}
		for _, bytes := range described.GetFileDescriptorResponse().GetFileDescriptorProto() {
			var file descriptorpb.FileDescriptorProto
			if err := proto.Unmarshal(bytes, &file); err != nil {
				return nil, err
			}
			read, err := protodesc.FileOptions{AllowUnresolvable: true}.New(&file, protoregistry.GlobalFiles)
			if err != nil {
				return nil, err
			}
			for i := range read.Services().Len() {
				for j := range read.Services().Get(i).Methods().Len() {
					methods = append(methods, string(read.Services().Get(i).Methods().Get(j).FullName()))
				}
			}
		}
		services[name] = methods
	}
	return services, call.CloseSend()
}
