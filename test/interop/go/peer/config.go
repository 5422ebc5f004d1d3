package main

import (
	"encoding/json"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"
)

// fileConfig is a plugins.yaml, with the keys and types that the Go orchestrator has for it.
type fileConfig struct {
	ListenAddr string       `yaml:"listen_addr" json:"listen_addr"`
	TCPAddr    string       `yaml:"tcp_addr" json:"tcp_addr"`
	CertsDir   string       `yaml:"certs_dir" json:"certs_dir"`
	Plugins    []filePlugin `yaml:"plugins" json:"plugins"`
}

type filePlugin struct {
	ID              string            `yaml:"id" json:"id"`
	Binary          string            `yaml:"binary" json:"binary"`
	Args            []string          `yaml:"args" json:"args"`
	Env             map[string]string `yaml:"env" json:"env"`
	Config          map[string]string `yaml:"config" json:"config"`
	Enabled         bool              `yaml:"enabled" json:"enabled"`
	ProvidesStorage []string          `yaml:"provides_storage" json:"provides_storage"`
	ProvidesAI      []string          `yaml:"provides_ai" json:"provides_ai"`
	DependsOn       []string          `yaml:"depends_on" json:"depends_on"`
}

type configParams struct {
	Path string `json:"path"`
	// Orchestrator and Dir are what the plugins are started with.
	Orchestrator string `json:"orchestrator"`
	Dir          string `json:"dir"`
}

// readConfig decodes a plugins.yaml as Go does.
func readConfig(params configParams) (any, error) {
	data, err := os.ReadFile(params.Path)
	if err != nil {
		return nil, err
	}
	var config fileConfig
	if err := yaml.Unmarshal(data, &config); err != nil {
		return nil, err
	}
	return config, nil
}

// hostConfig starts the enabled plugins of a plugins.yaml one after the other, leaves out those that cannot be started, and
// tells which plugin has each tool: the later takes it from the earlier.
func hostConfig(params configParams) (any, error) {
	read, err := readConfig(params)
	if err != nil {
		return nil, err
	}
	folder := filepath.Dir(params.Path)
	owners := map[string]string{}
	failed := []string{}
	for _, configured := range read.(fileConfig).Plugins {
		if !configured.Enabled {
			continue
		}
		binary := configured.Binary
		if !filepath.IsAbs(binary) {
			binary = filepath.Join(folder, binary)
		}
		args := append([]string{}, configured.Args...)
		for i, arg := range args {
			if arg == "--workspace=." {
				args[i] = "--workspace=" + folder
			}
		}
		told, err := launch(launchParams{
			ID: configured.ID, Dir: params.Dir, Command: binary, Args: args,
			Env: configured.Env, Orchestrator: params.Orchestrator, Config: configured.Config,
		})
		if err != nil {
			failed = append(failed, configured.ID)
			continue
		}
		names, err := toolNames(told.(map[string]any)["list_tools"])
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			owners[name] = configured.ID
		}
	}
	return map[string]any{"tools": owners, "failed": failed}, nil
}

func toolNames(answered any) ([]string, error) {
	data, err := json.Marshal(answered)
	if err != nil {
		return nil, err
	}
	var response struct {
		ListTools struct {
			Tools []struct {
				Name string `json:"name"`
			} `json:"tools"`
		} `json:"listTools"`
	}
	if err := json.Unmarshal(data, &response); err != nil {
		return nil, err
	}
	names := make([]string, 0, len(response.ListTools.Tools))
	for _, tool := range response.ListTools.Tools {
		names = append(names, tool.Name)
	}
	return names, nil
}
