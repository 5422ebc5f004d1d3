package main

import (
	"context"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// probe answers the methods; its messages are those of probe.proto, without generated code.
type probe struct {
	messages  protoreflect.MessageDescriptors
	broker    *plugin.GRPCBroker
	cancelled atomic.Int64
}

type message = *dynamicpb.Message

func (p *probe) make(name string) message {
	return dynamicpb.NewMessage(p.messages.ByName(protoreflect.Name(name)))
}

func set(m message, name string, value interface{}) {
	m.Set(m.Descriptor().Fields().ByName(protoreflect.Name(name)), protoreflect.ValueOf(value))
}

func get(m message, name string) protoreflect.Value {
	return m.Get(m.Descriptor().Fields().ByName(protoreflect.Name(name)))
}

func (p *probe) number(value int64) message {
	m := p.make("Number")
	set(m, "value", value)
	return m
}

func (p *probe) text(value string) message {
	m := p.make("Text")
	set(m, "text", value)
	return m
}

type unary func(p *probe, ctx context.Context, request message) (message, error)

var unaries = []struct {
	name, request string
	run           unary
}{
	{"Echo", "Everything", func(_ *probe, _ context.Context, request message) (message, error) { return request, nil }},
	{"Fail", "FailRequest", func(_ *probe, _ context.Context, request message) (message, error) {
		return nil, status.Error(codes.Code(get(request, "code").Uint()), get(request, "message").String())
	}},
	{"Wait", "Empty", func(p *probe, ctx context.Context, _ message) (message, error) {
		<-ctx.Done()
		p.cancelled.Add(1)
		return nil, ctx.Err()
	}},
	{"Cancelled", "Empty", func(p *probe, _ context.Context, _ message) (message, error) {
		return p.number(p.cancelled.Load()), nil
	}},
	{"Exit", "Number", func(_ *probe, _ context.Context, request message) (message, error) {
		os.Stderr.WriteString("the probe breaks down\n")
		// go-plugin copies what is printed to its stream; what it has not copied goes down with the process.
		time.Sleep(200 * time.Millisecond)
		os.Exit(int(get(request, "value").Int()))
		return nil, nil
	}},
	{"Print", "PrintRequest", func(p *probe, _ context.Context, request message) (message, error) {
		to := os.Stdout
		if get(request, "on_stderr").Bool() {
			to = os.Stderr
		}
		for i := int64(0); i < get(request, "times").Int(); i++ {
			if _, err := to.WriteString(get(request, "text").String()); err != nil {
				return nil, err
			}
		}
		return p.make("Empty"), nil
	}},
	{"Env", "Empty", func(p *probe, _ context.Context, _ message) (message, error) {
		reply := p.make("EnvReply")
		variables := reply.Mutable(reply.Descriptor().Fields().ByName("variables")).Map()
		for _, variable := range os.Environ() {
			name, value, _ := strings.Cut(variable, "=")
			variables.Set(protoreflect.ValueOfString(name).MapKey(), protoreflect.ValueOfString(value))
		}
		return reply, nil
	}},
	{"Blob", "Number", func(p *probe, _ context.Context, request message) (message, error) {
		return p.text(strings.Repeat("b", int(get(request, "value").Int()))), nil
	}},
	{"CallBack", "CallBackRequest", func(p *probe, ctx context.Context, request message) (message, error) {
		connection, err := p.broker.Dial(uint32(get(request, "id").Uint()))
		if err != nil {
			return nil, status.Error(codes.Unavailable, err.Error())
		}
		defer connection.Close()
		ask := p.make("AddRequest")
		set(ask, "a", get(request, "a").Int())
		set(ask, "b", get(request, "b").Int())
		answer := p.make("Number")
		return answer, connection.Invoke(ctx, "/probe.v1.Adder/Add", ask, answer)
	}},
}

func registerProbe(server *grpc.Server, p *probe) {
	description := grpc.ServiceDesc{ServiceName: "probe.v1.Probe", Metadata: file}
	for _, method := range unaries {
		description.Methods = append(description.Methods, grpc.MethodDesc{
			MethodName: method.name,
			Handler: func(_ interface{}, ctx context.Context, decode func(interface{}) error, _ grpc.UnaryServerInterceptor) (interface{}, error) {
				request := p.make(method.request)
				if err := decode(request); err != nil {
					return nil, err
				}
				return method.run(p, ctx, request)
			},
		})
	}
	description.Streams = []grpc.StreamDesc{
		{StreamName: "Count", ServerStreams: true, Handler: p.count},
		{StreamName: "Sum", ClientStreams: true, Handler: p.sum},
		{StreamName: "Chat", ServerStreams: true, ClientStreams: true, Handler: p.chat},
	}
	server.RegisterService(&description, nil)
}

func (p *probe) count(_ interface{}, stream grpc.ServerStream) error {
	request := p.make("CountRequest")
	if err := stream.RecvMsg(request); err != nil {
		return err
	}
	to := get(request, "to").Int()
	for i := int64(1); to == 0 || i <= to; i++ {
		if err := stream.SendMsg(p.number(i)); err != nil {
			p.cancelled.Add(1)
			return err
		}
	}
	return nil
}

func (p *probe) sum(_ interface{}, stream grpc.ServerStream) error {
	total := int64(0)
	for {
		next := p.make("Number")
		err := stream.RecvMsg(next)
		if err == io.EOF {
			return stream.SendMsg(p.number(total))
		}
		if err != nil {
			return err
		}
		total += get(next, "value").Int()
	}
}

func (p *probe) chat(_ interface{}, stream grpc.ServerStream) error {
	for {
		next := p.make("Text")
		err := stream.RecvMsg(next)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.SendMsg(p.text("you said " + get(next, "text").String())); err != nil {
			return err
		}
	}
}
