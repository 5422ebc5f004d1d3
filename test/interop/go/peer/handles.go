package main

import (
	"fmt"
	"sync"
)

// handles are what commands refer to by number.
type handles[T any] struct {
	mu    sync.Mutex
	items []T
}

func (h *handles[T]) add(item T) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.items = append(h.items, item)
	return len(h.items) - 1
}

func (h *handles[T]) get(number int) (T, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var none T
	if number < 0 || number >= len(h.items) {
		return none, fmt.Errorf("there is no number %d", number)
	}
	return h.items[number], nil
}

func (h *handles[T]) all() []T {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]T{}, h.items...)
}
