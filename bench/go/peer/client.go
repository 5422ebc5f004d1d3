package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// client is bench/clients/operations.mjs in Go.
type client struct {
	target  target
	dial    dialler
	session session
}

// question is what the harness writes on a line of stdin.
type question struct {
	Op     string          `json:"op"`
	Params json.RawMessage `json:"params"`
}

// runClient answers questions, one after the other, until stdin ends.
func runClient(given string, dial dialler) error {
	c := &client{dial: dial}
	if err := json.Unmarshal([]byte(given), &c.target); err != nil {
		return err
	}
	answers := json.NewEncoder(os.Stdout)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return err
		}
		answer := map[string]any{}
		if result, err := c.answer(asked); err != nil {
			answer["error"] = err.Error()
		} else {
			answer["result"] = result
		}
		if err := answers.Encode(answer); err != nil {
			return err
		}
	}
	return nil
}

func (c *client) answer(asked question) (map[string]float64, error) {
	switch asked.Op {
	case "open":
		opened, err := c.dial(c.target.CertsDir, c.target.Address)
		c.session = opened
		return map[string]float64{}, err
	case "load":
		var params load
		if err := json.Unmarshal(asked.Params, &params); err != nil {
			return nil, err
		}
		return closedLoop(c.session, params)
	case "stream":
		return c.stream(asked.Params)
	case "connect":
		return c.firstResults(asked.Params, func() (session, func(), error) {
			opened, err := c.dial(c.target.CertsDir, c.target.Address)
			return opened, func() {}, err
		})
	case "spawn":
		return c.firstResults(asked.Params, func() (session, func(), error) {
			server, err := launch(c.target.ServerCommand)
			if err != nil {
				return nil, nil, err
			}
			opened, err := c.dial(c.target.CertsDir, server.address)
			return opened, server.stop, err
		})
	}
	return nil, fmt.Errorf("there is no operation %s", asked.Op)
}

func (c *client) stream(given json.RawMessage) (map[string]float64, error) {
	var params struct {
		Chunks         int     `json:"chunks"`
		Bytes          int     `json:"bytes"`
		RestMs         float64 `json:"restMs"`
		RestAfterBytes int     `json:"restAfterBytes"`
	}
	if err := json.Unmarshal(given, &params); err != nil {
		return nil, err
	}
	rest := time.Duration(params.RestMs * float64(time.Millisecond))
	unrested := 0
	begin := time.Now()
	err := c.session.stream(context.Background(), params.Chunks, params.Bytes, func() {
		if unrested += params.Bytes; rest > 0 && unrested >= params.RestAfterBytes {
			unrested = 0
			time.Sleep(rest)
		}
	})
	if err != nil {
		return nil, err
	}
	seconds := time.Since(begin).Seconds()
	return map[string]float64{
		"chunksPerSecond":    float64(params.Chunks) / seconds,
		"megabytesPerSecond": float64(params.Chunks*params.Bytes) / seconds / 1e6,
		"seconds":            seconds,
	}, nil
}

// firstResults opens and makes the first call, one time after the other.
func (c *client) firstResults(
	given json.RawMessage,
	open func() (session, func(), error),
) (map[string]float64, error) {
	var params struct {
		Times int `json:"times"`
	}
	if err := json.Unmarshal(given, &params); err != nil {
		return nil, err
	}
	text := textOf(100)
	var taken []time.Duration
	// The first is the warm-up.
	for i := -1; i < params.Times; i++ {
		begin := time.Now()
		opened, stop, err := open()
		if err == nil {
			err = opened.call(text, i)
			if i >= 0 {
				taken = append(taken, time.Since(begin))
			}
			opened.close()
		}
		if stop != nil {
			stop()
		}
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(taken)
	return map[string]float64{"medianMs": milliseconds(taken[len(taken)/2])}, nil
}

func textOf(size int) string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	return strings.Repeat(letters, size/len(letters)+1)[:size]
}
