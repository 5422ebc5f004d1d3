package main

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// launched is a server in a process of its own.
type launched struct {
	command *exec.Cmd
	stdin   io.WriteCloser
	address string
}

func launch(command []string) (*launched, error) {
	process := exec.Command(command[0], command[1:]...)
	stdin, err := process.StdinPipe()
	if err != nil {
		return nil, err
	}
	stderr, err := process.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if address, ready := strings.CutPrefix(lines.Text(), "READY "); ready {
			go func() { _, _ = io.Copy(io.Discard, stderr) }()
			return &launched{process, stdin, address}, nil
		}
	}
	_ = process.Process.Kill()
	_ = process.Wait()
	return nil, fmt.Errorf("%s ended before it was ready", command[0])
}

func (l *launched) stop() {
	_ = l.stdin.Close()
	_ = l.command.Process.Kill()
	_ = l.command.Wait()
}
