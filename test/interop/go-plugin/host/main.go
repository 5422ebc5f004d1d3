// A host on hashicorp/go-plugin, with AutoMTLS, for a plugin that serves the key-value example of go-plugin; with HOST_SCENE=talk for one that
// serves Talk and the counter that calls its host back: `host PROGRAM ARGUMENT…`. It prints what it saw as one JSON document.
package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	counting "github.com/hashicorp/go-plugin/examples/bidirectional/shared"
	"github.com/hashicorp/go-plugin/examples/grpc/shared"
)

func main() {
	saw := map[string]interface{}{}
	if err := run(saw); err != nil {
		saw["error"] = err.Error()
	}
	_ = json.NewEncoder(os.Stdout).Encode(saw)
}

func run(saw map[string]interface{}) error {
	var stdout, stderr, log bytes.Buffer
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: shared.Handshake,
		Plugins: plugin.PluginSet{
			shared.PluginGRPC: &shared.KVGRPCPlugin{},
			"counter":         &counting.CounterPlugin{},
			"talk":            talkPlugin{},
		},
		Cmd:              exec.Command(os.Args[1], os.Args[2:]...),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         os.Getenv("HOST_PLAIN") == "",
		SyncStdout:       &stdout,
		SyncStderr:       &stderr,
		Logger:           hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Trace, JSONFormat: true}),
	})
	defer func() {
		started := time.Now()
		client.Kill()
		saw["killMs"] = time.Since(started).Milliseconds()
		saw["exited"] = client.Exited()
		saw["stdout"] = stdout.String()
		saw["stderr"] = stderr.String()
		saw["killed"] = strings.Contains(log.String(), "plugin failed to exit gracefully")
		if os.Getenv("HOST_VERBOSE") != "" {
			saw["log"] = log.String()
		}
	}()
	protocol, err := client.Client()
	if err != nil {
		return err
	}
	saw["version"] = client.NegotiatedVersion()
	if err := protocol.Ping(); err != nil {
		return err
	}
	saw["pinged"] = true
	if os.Getenv("HOST_SCENE") == "talk" {
		if err := count(protocol, saw); err != nil {
			return err
		}
		return talk(protocol, saw)
	}
	raw, err := protocol.Dispense(shared.PluginGRPC)
	if err != nil {
		return err
	}
	kv := raw.(shared.KV)
	if err := kv.Put("greeting", []byte("hello")); err != nil {
		return err
	}
	value, err := kv.Get("greeting")
	if err != nil {
		return err
	}
	saw["value"] = string(value)
	if _, err = kv.Get("absent"); err != nil {
		saw["absent"] = err.Error()
	}
	time.Sleep(100 * time.Millisecond)
	return nil
}
