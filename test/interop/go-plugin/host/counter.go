package main

import (
	"fmt"

	"github.com/hashicorp/go-plugin"
	counting "github.com/hashicorp/go-plugin/examples/bidirectional/shared"
)

// adder is the service of the host that the counter calls back. It adds one more, to be told from others.
type adder struct{ more int64 }

func (a adder) Sum(x, y int64) (int64, error) {
	if x < 0 {
		return 0, fmt.Errorf("nothing below zero")
	}
	return x + y + a.more, nil
}

// count puts into the counter, two at once, each with a service of its own.
func count(protocol plugin.ClientProtocol, saw map[string]interface{}) error {
	raw, err := protocol.Dispense("counter")
	if err != nil {
		return err
	}
	counter := raw.(counting.Counter)
	failed := make(chan error)
	for _, more := range []int64{100, 200} {
		go func() { failed <- counter.Put(fmt.Sprint("by ", more), 5, adder{more}) }()
	}
	for range 2 {
		if err := <-failed; err != nil {
			return err
		}
	}
	sums := map[string]int64{}
	for _, key := range []string{"by 100", "by 200"} {
		if sums[key], err = counter.Get(key); err != nil {
			return err
		}
	}
	saw["sums"] = sums
	if err := counter.Put("by 100", -500, adder{}); err != nil {
		saw["refused"] = err.Error()
	}
	return nil
}
