package main

import (
	"context"
	"sort"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"orchestra.test/go-plugin/store/storev1"
)

// store keeps everything in memory. Of the checks of a component only the latest is ever asked for: no other is kept.
type store struct {
	storev1.UnimplementedStoreServiceServer
	mutex      sync.Mutex
	flags      records[*storev1.Flag]
	components records[*storev1.Component]
	checks     map[string]*storev1.Check
}

func newStore() *store {
	return &store{
		flags:      records[*storev1.Flag]{kind: "flag", byKey: map[string]*storev1.Flag{}},
		components: records[*storev1.Component]{kind: "component", byKey: map[string]*storev1.Component{}},
		checks:     map[string]*storev1.Check{},
	}
}

var done = &storev1.Done{}

func now() *int64 {
	nanoseconds := time.Now().UnixNano()
	return &nanoseconds
}

func checkRollout(flag *storev1.Flag) error {
	if flag.Rollout != nil && (*flag.Rollout < 0 || *flag.Rollout > 100) {
		return status.Errorf(codes.InvalidArgument, "rollout is %v, and has to be 0 to 100", *flag.Rollout)
	}
	return nil
}

func (s *store) CreateFlag(_ context.Context, flag *storev1.Flag) (*storev1.Done, error) {
	if err := checkRollout(flag); err != nil {
		return nil, err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if flag.CreatedAt == nil {
		flag.CreatedAt = now()
	}
	if flag.UpdatedAt == nil {
		flag.UpdatedAt = flag.CreatedAt
	}
	return done, s.flags.create(flag)
}

func (s *store) GetFlag(_ context.Context, key *storev1.Key) (*storev1.Flag, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.flags.get(key.Key)
}

func (s *store) ListFlags(context.Context, *storev1.Nothing) (*storev1.FlagList, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return &storev1.FlagList{Flags: s.flags.list()}, nil
}

func (s *store) UpdateFlag(_ context.Context, flag *storev1.Flag) (*storev1.Done, error) {
	if err := checkRollout(flag); err != nil {
		return nil, err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	before, err := s.flags.get(flag.Key)
	if err != nil {
		return nil, err
	}
	flag.CreatedAt, flag.UpdatedAt = before.CreatedAt, now()
	s.flags.byKey[flag.Key] = flag
	return done, nil
}

func (s *store) DeleteFlag(_ context.Context, key *storev1.Key) (*storev1.Done, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return done, s.flags.delete(key.Key)
}

func (s *store) CreateComponent(_ context.Context, component *storev1.Component) (*storev1.Done, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if component.CreatedAt == nil {
		component.CreatedAt = now()
	}
	if component.UpdatedAt == nil {
		component.UpdatedAt = component.CreatedAt
	}
	return done, s.components.create(component)
}

func (s *store) GetComponent(_ context.Context, key *storev1.Key) (*storev1.Component, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.components.get(key.Key)
}

func (s *store) ListComponents(context.Context, *storev1.Nothing) (*storev1.ComponentList, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return &storev1.ComponentList{Components: s.components.list()}, nil
}

func (s *store) UpdateComponent(_ context.Context, component *storev1.Component) (*storev1.Done, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	before, err := s.components.get(component.Key)
	if err != nil {
		return nil, err
	}
	component.CreatedAt, component.UpdatedAt = before.CreatedAt, now()
	s.components.byKey[component.Key] = component
	return done, nil
}

func (s *store) DeleteComponent(_ context.Context, key *storev1.Key) (*storev1.Done, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.checks, key.Key)
	return done, s.components.delete(key.Key)
}

func (s *store) RecordCheck(_ context.Context, check *storev1.Check) (*storev1.Done, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if check.CheckedAt == nil {
		check.CheckedAt = now()
	}
	if before, ok := s.checks[check.Component]; !ok || *before.CheckedAt <= *check.CheckedAt {
		s.checks[check.Component] = check
	}
	return done, nil
}

func (s *store) LatestCheck(_ context.Context, key *storev1.ComponentKey) (*storev1.Check, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if check, ok := s.checks[key.Component]; ok {
		return check, nil
	}
	return nil, status.Errorf(codes.NotFound, "component %q has no check", key.Component)
}

func (s *store) LatestChecks(context.Context, *storev1.Nothing) (*storev1.CheckList, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	list := &storev1.CheckList{}
	for _, check := range s.checks {
		list.Checks = append(list.Checks, check)
	}
	sort.Slice(list.Checks, func(a, b int) bool { return list.Checks[a].Component < list.Checks[b].Component })
	return list, nil
}

func (s *store) Ping(context.Context, *storev1.Nothing) (*storev1.Done, error) {
	return done, nil
}
