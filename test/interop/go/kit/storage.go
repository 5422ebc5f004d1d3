package kit

import (
	"context"
	"fmt"
	"path"
	"sort"
	"strings"
	"sync"

	pluginv1 "github.com/orchestra-mcp/gen-go/orchestra/plugin/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Store keeps entries in memory. A write has to name the version that it replaces; 0 means that there is none yet.
type Store struct {
	mu      sync.Mutex
	entries map[string]*pluginv1.StorageReadResponse
	times   map[string]*timestamppb.Timestamp
}

// NewStore makes an empty store.
func NewStore() *Store {
	return &Store{entries: map[string]*pluginv1.StorageReadResponse{}, times: map[string]*timestamppb.Timestamp{}}
}

// Read answers an entry, or an error, which the SDK turns into an empty answer.
func (s *Store) Read(_ context.Context, request *pluginv1.StorageReadRequest) (*pluginv1.StorageReadResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry, ok := s.entries[request.Path]
	if !ok {
		return nil, fmt.Errorf("no entry at %s", request.Path)
	}
	return entry, nil
}

// Write replaces the version that the request expects.
func (s *Store) Write(_ context.Context, request *pluginv1.StorageWriteRequest) (*pluginv1.StorageWriteResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	version := s.entries[request.Path].GetVersion()
	if version != request.ExpectedVersion {
		return nil, fmt.Errorf("version conflict at %s: expected %d, is %d", request.Path, request.ExpectedVersion, version)
	}
	s.entries[request.Path] = &pluginv1.StorageReadResponse{Content: request.Content, Metadata: request.Metadata, Version: version + 1}
	s.times[request.Path] = timestamppb.Now()
	return &pluginv1.StorageWriteResponse{Success: true, NewVersion: version + 1}, nil
}

// Delete removes an entry, or fails where there is none.
func (s *Store) Delete(_ context.Context, request *pluginv1.StorageDeleteRequest) (*pluginv1.StorageDeleteResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.entries[request.Path]; !ok {
		return nil, fmt.Errorf("no entry at %s", request.Path)
	}
	delete(s.entries, request.Path)
	return &pluginv1.StorageDeleteResponse{Success: true}, nil
}

// List answers the entries that fit, by path.
func (s *Store) List(_ context.Context, request *pluginv1.StorageListRequest) (*pluginv1.StorageListResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	response := &pluginv1.StorageListResponse{}
	for name, entry := range s.entries {
		fits := request.Pattern == ""
		if !fits {
			fits, _ = path.Match(request.Pattern, path.Base(name))
		}
		if !fits || !strings.HasPrefix(name, request.Prefix) {
			continue
		}
		response.Entries = append(response.Entries, &pluginv1.StorageEntry{
			Path: name, Size: int64(len(entry.Content)), Version: entry.Version, ModifiedAt: s.times[name],
		})
	}
	sort.Slice(response.Entries, func(a, b int) bool { return response.Entries[a].Path < response.Entries[b].Path })
	return response, nil
}
