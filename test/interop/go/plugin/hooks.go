package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
)

// hooks tells each of its calls in a line on stderr.
type hooks struct {
	unclean   bool
	shutdowns atomic.Int32
}

func (h *hooks) OnBoot(config map[string]string) error {
	text, err := json.Marshal(config)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "ON_BOOT %s\n", text)
	if config["fail"] != "" {
		return errors.New(config["fail"])
	}
	h.unclean = config["unclean"] != ""
	return nil
}

func (h *hooks) OnShutdown() error {
	fmt.Fprintf(os.Stderr, "ON_SHUTDOWN %d\n", h.shutdowns.Add(1))
	if h.unclean {
		return errors.New("not clean")
	}
	return nil
}
