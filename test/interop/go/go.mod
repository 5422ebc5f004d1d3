module orchestra.test/interop

go 1.25.0

require (
	github.com/orchestra-mcp/gen-go v1.0.6
	github.com/orchestra-mcp/sdk-go v1.0.6
	github.com/quic-go/quic-go v0.50.0
	google.golang.org/protobuf v1.36.11
	gopkg.in/yaml.v3 v3.0.1
)

require (
	github.com/google/uuid v1.6.0 // indirect
	golang.org/x/crypto v0.48.0 // indirect
	golang.org/x/exp v0.0.0-20251023183803-a4bb9ffd2546 // indirect
	golang.org/x/net v0.51.0 // indirect
	golang.org/x/sys v0.41.0 // indirect
)
