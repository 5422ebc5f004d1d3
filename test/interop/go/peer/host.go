package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	pluginv1 "github.com/orchestra-mcp/gen-go/orchestra/plugin/v1"
	"github.com/orchestra-mcp/sdk-go/plugin"
)

// hosted is a plugin's process, as the Go orchestrator keeps one.
type hosted struct {
	command *exec.Cmd
	exited  chan struct{}
	client  int
	mu      sync.Mutex
	lines   []string
}

var plugins handles[*hosted]

type launchParams struct {
	ID           string            `json:"id"`
	Dir          string            `json:"dir"`
	Command      string            `json:"command"`
	Args         []string          `json:"args"`
	Env          map[string]string `json:"env"`
	Orchestrator string            `json:"orchestrator"`
	Config       map[string]string `json:"config"`
	// Deaf leaves stderr unread after READY, as the Go orchestrator does.
	Deaf bool `json:"deaf"`
	// ReadyOnly stops after READY: neither dialled nor booted.
	ReadyOnly bool `json:"readyOnly"`
}

// launch starts a plugin with the flags of the process contract, waits for READY, dials it, and sends register, boot and
// list_tools, in the order of the Go orchestrator.
func launch(params launchParams) (any, error) {
	args := append(append([]string{}, params.Args...),
		"--orchestrator-addr="+params.Orchestrator, "--listen-addr=localhost:0", "--certs-dir="+params.Dir)
	command := exec.Command(params.Command, args...)
	command.Env = os.Environ()
	for name, value := range params.Env {
		command.Env = append(command.Env, name+"="+value)
	}
	stderr, err := command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	process := &hosted{command: command, exited: make(chan struct{}), client: -1}
	number := plugins.add(process)
	ready := make(chan string, 1)
	go process.read(bufio.NewScanner(stderr), ready, params.Deaf)
	var address string
	select {
	case address = <-ready:
	case <-process.exited:
	case <-time.After(10 * time.Second):
		return nil, fmt.Errorf("no READY within 10 s: %s", process.output())
	}
	told := map[string]any{"plugin": number, "pid": command.Process.Pid, "address": address}
	if address == "" || params.ReadyOnly {
		return told, nil
	}
	return told, process.begin(params, address, told)
}

func (h *hosted) begin(params launchParams, address string, told map[string]any) error {
	tls, err := plugin.ClientTLSConfig(params.Dir, "orchestrator-to-"+params.ID)
	if err != nil {
		return err
	}
	client, err := plugin.NewOrchestratorClient(context.Background(), address, tls)
	if err != nil {
		return err
	}
	h.client = clients.add(client)
	told["client"] = h.client
	steps := []struct {
		name    string
		request *pluginv1.PluginRequest
	}{
		{"register", &pluginv1.PluginRequest{Request: &pluginv1.PluginRequest_Register{Register: &pluginv1.PluginManifest{Id: params.ID}}}},
		{"boot", &pluginv1.PluginRequest{Request: &pluginv1.PluginRequest_Boot{Boot: &pluginv1.BootRequest{Config: params.Config}}}},
		{"list_tools", &pluginv1.PluginRequest{Request: &pluginv1.PluginRequest_ListTools{ListTools: &pluginv1.ListToolsRequest{}}}},
	}
	for _, step := range steps {
		step.request.RequestId = "go-" + step.name
		answered, err := exchange(client, step.request)
		if err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		told[step.name] = answered
	}
	return nil
}

// read collects what the process prints, up to READY where the host is deaf, and reaps it.
func (h *hosted) read(lines *bufio.Scanner, ready chan<- string, deaf bool) {
	for lines.Scan() {
		line := lines.Text()
		h.mu.Lock()
		h.lines = append(h.lines, line)
		h.mu.Unlock()
		if address, ok := strings.CutPrefix(line, "READY "); ok {
			ready <- address
			if deaf {
				break
			}
		}
	}
	if deaf {
		// The pipe stays open and nobody reads it: Wait would close it.
		_, _ = h.command.Process.Wait()
	} else {
		_ = h.command.Wait()
	}
	close(h.exited)
}

func (h *hosted) output() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.lines, "\n")
}

type stopParams struct {
	Plugin int `json:"plugin"`
	// Kill is whether the process is killed right after its answer, as the Go orchestrator does; else it may leave.
	Kill bool `json:"kill"`
	// Abandon leaves out the request: only the end of the process is waited for.
	Abandon bool `json:"abandon"`
}

// stopPlugin asks a plugin to shut down and waits for the end of its process.
func stopPlugin(params stopParams) (any, error) {
	process, err := plugins.get(params.Plugin)
	if err != nil {
		return nil, err
	}
	told := map[string]any{}
	if !params.Abandon {
		client, err := clients.get(process.client)
		if err != nil {
			return nil, err
		}
		answered, err := exchange(client, &pluginv1.PluginRequest{
			RequestId: "go-shutdown",
			Request:   &pluginv1.PluginRequest_Shutdown{Shutdown: &pluginv1.ShutdownRequest{TimeoutSeconds: 5}},
		})
		if err != nil {
			return nil, err
		}
		told["shutdown"] = json.RawMessage(answered)
		_ = client.Close()
	}
	if params.Kill {
		_ = process.command.Process.Kill()
	}
	select {
	case <-process.exited:
	case <-time.After(stepTimeout):
		return nil, fmt.Errorf("the process did not end within %s", stepTimeout)
	}
	if state := process.command.ProcessState; state != nil {
		told["code"] = state.ExitCode()
	}
	told["output"] = process.output()
	return told, nil
}

// endPlugins kills what is still there when the tests are over.
func endPlugins() {
	for _, process := range plugins.all() {
		_ = process.command.Process.Kill()
	}
}
