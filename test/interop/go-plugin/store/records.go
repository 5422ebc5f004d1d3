package main

import (
	"sort"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// records are what flags and components have in common.
type records[T interface{ GetKey() string }] struct {
	kind  string
	byKey map[string]T
}

func (r *records[T]) create(record T) error {
	key := record.GetKey()
	if key == "" {
		return status.Errorf(codes.InvalidArgument, "the key of the %s is missing", r.kind)
	}
	if _, ok := r.byKey[key]; ok {
		return status.Errorf(codes.AlreadyExists, "there is a %s %q already", r.kind, key)
	}
	r.byKey[key] = record
	return nil
}

func (r *records[T]) get(key string) (T, error) {
	record, ok := r.byKey[key]
	switch {
	case key == "":
		return record, status.Errorf(codes.InvalidArgument, "the key of the %s is missing", r.kind)
	case !ok:
		return record, status.Errorf(codes.NotFound, "there is no %s %q", r.kind, key)
	}
	return record, nil
}

func (r *records[T]) list() []T {
	list := []T{}
	for _, record := range r.byKey {
		list = append(list, record)
	}
	sort.Slice(list, func(a, b int) bool { return list[a].GetKey() < list[b].GetKey() })
	return list
}

func (r *records[T]) delete(key string) error {
	if _, err := r.get(key); err != nil {
		return err
	}
	delete(r.byKey, key)
	return nil
}
