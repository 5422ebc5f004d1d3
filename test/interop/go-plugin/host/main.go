// A host on hashicorp/go-plugin, with AutoMTLS, for a plugin that serves the key-value example of go-plugin: `host PROGRAM ARGUMENT…`. It prints
// what it saw as one JSON document.
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
		HandshakeConfig:  shared.Handshake,
		Plugins:          plugin.PluginSet{shared.PluginGRPC: &shared.KVGRPCPlugin{}},
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
