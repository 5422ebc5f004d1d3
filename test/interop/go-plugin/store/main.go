// A store behind a seam: a plugin on hashicorp/go-plugin that serves proto/orchestra/store/v1, in memory.
package main

import (
	"context"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"orchestra.test/go-plugin/store/storev1"
)

type storePlugin struct {
	plugin.NetRPCUnsupportedPlugin
}

func (storePlugin) GRPCServer(_ *plugin.GRPCBroker, server *grpc.Server) error {
	storev1.RegisterStoreServiceServer(server, newStore())
	return nil
}

func (storePlugin) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (interface{}, error) {
	return nil, nil
}

func main() {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  1,
			MagicCookieKey:   "STORE_PLUGIN",
			MagicCookieValue: "orchestra-store",
		},
		Plugins:    plugin.PluginSet{"store": storePlugin{}},
		GRPCServer: plugin.DefaultGRPCServer,
	})
}
