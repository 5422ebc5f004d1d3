// A plugin on hashicorp/go-plugin with a method for each thing that a host can notice. PROBE_VERSIONS says which versions of its protocol
// it has (default 1); PROBE_SLEEP delays its start, in milliseconds.
package main

import (
	"context"
	_ "embed"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/bufbuild/protocompile"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

//go:embed probe.proto
var source string

const file = "probe.proto"

// compile reads the messages, and makes them known to the reflection service.
func compile() protoreflect.FileDescriptor {
	compiler := protocompile.Compiler{
		Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{
			Accessor: protocompile.SourceAccessorFromMap(map[string]string{file: source}),
		}),
	}
	files, err := compiler.Compile(context.Background(), file)
	if err != nil {
		panic(err)
	}
	if err := protoregistry.GlobalFiles.RegisterFile(files[0]); err != nil {
		panic(err)
	}
	return files[0]
}

type probePlugin struct {
	plugin.NetRPCUnsupportedPlugin
	messages protoreflect.MessageDescriptors
}

func (p *probePlugin) GRPCServer(broker *plugin.GRPCBroker, server *grpc.Server) error {
	registerProbe(server, &probe{messages: p.messages, broker: broker})
	return nil
}

func (p *probePlugin) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (interface{}, error) {
	return nil, nil
}

func main() {
	if text := os.Getenv("PROBE_SLEEP"); text != "" {
		milliseconds, _ := strconv.Atoi(text)
		time.Sleep(time.Duration(milliseconds) * time.Millisecond)
	}
	messages := compile().Messages()
	versions := map[int]plugin.PluginSet{}
	for _, text := range strings.Split(env("PROBE_VERSIONS", "1"), ",") {
		version, err := strconv.Atoi(text)
		if err != nil {
			panic(err)
		}
		versions[version] = plugin.PluginSet{"probe": &probePlugin{messages: messages}}
	}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			MagicCookieKey:   "PROBE_COOKIE",
			MagicCookieValue: "open sesame",
		},
		VersionedPlugins: versions,
		GRPCServer:       plugin.DefaultGRPCServer,
	})
}

func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
