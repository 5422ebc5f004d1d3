// Command peer is the Go half of the interop tests, built on the public SDK: a client, a host that follows the process contract
// as the Go orchestrator does, and servers. It reads one command a line, as JSON, and answers each with one line.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
)

type command struct {
	ID     int             `json:"id"`
	Op     string          `json:"op"`
	Params json.RawMessage `json:"params"`
}

type answer struct {
	ID     int    `json:"id"`
	Result any    `json:"result,omitempty"`
	Error  string `json:"error,omitempty"`
}

var operations = map[string]func(json.RawMessage) (any, error){
	"certs":       on(makeCerts),
	"dial":        on(dial),
	"send":        on(send),
	"stream":      on(stream),
	"hang_up":     on(hangUp),
	"launch":      on(launch),
	"stop":        on(stopPlugin),
	"serve":       on(serve),
	"served":      on(served),
	"sdk_serve":   on(sdkServe),
	"tcp_serve":   on(tcpServe),
	"tcp_send":    on(tcpSend),
	"read_config": on(readConfig),
	"host_config": on(hostConfig),
}

// on makes an operation of a function that takes its parameters decoded.
func on[P any](run func(P) (any, error)) func(json.RawMessage) (any, error) {
	return func(raw json.RawMessage) (any, error) {
		var params P
		if err := json.Unmarshal(raw, &params); err != nil {
			return nil, err
		}
		return run(params)
	}
}

func main() {
	var output sync.Mutex
	encoder := json.NewEncoder(os.Stdout)
	reply := func(told answer) {
		output.Lock()
		defer output.Unlock()
		if err := encoder.Encode(told); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var asked command
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		operation, ok := operations[asked.Op]
		if !ok {
			reply(answer{ID: asked.ID, Error: "there is no operation " + asked.Op})
			continue
		}
		go func() {
			result, err := operation(asked.Params)
			if err != nil {
				reply(answer{ID: asked.ID, Error: err.Error()})
				return
			}
			reply(answer{ID: asked.ID, Result: result})
		}()
	}
	endPlugins()
}
