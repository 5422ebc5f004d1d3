// The service of the gRPC peers, as a descriptor of this file:
//
//   syntax = "proto3";
//   package bench;
//   service Tools {
//     rpc Echo(EchoMessage) returns (EchoMessage);
//     rpc Count(CountRequest) returns (stream Chunk);
//   }
//   message EchoMessage { string text = 1; int32 count = 2; }
//   message CountRequest { int32 chunks = 1; int32 bytes = 2; }
//   message Chunk { bytes data = 1; int32 sequence = 2; }
//
// The messages are typed, as a user of gRPC would write them. That is less work than our Struct, which carries the names of
// the fields: the comparison is to gRPC at its best.

/**
 * @param {string} name
 * @param {Record<string, string>} fields
 */
function message(name, fields) {
	return {
		name,
		field: Object.entries(fields).map(([name, type], i) => ({
			name,
			jsonName: name,
			number: i + 1,
			type,
			label: 'LABEL_OPTIONAL',
		})),
	};
}

/** A google.protobuf.FileDescriptorSet, as JSON. */
export const echoService = {
	file: [
		{
			name: 'bench.proto',
			package: 'bench',
			syntax: 'proto3',
			messageType: [
				message('EchoMessage', { text: 'TYPE_STRING', count: 'TYPE_INT32' }),
				message('CountRequest', { chunks: 'TYPE_INT32', bytes: 'TYPE_INT32' }),
				message('Chunk', { data: 'TYPE_BYTES', sequence: 'TYPE_INT32' }),
			],
			service: [
				{
					name: 'Tools',
					method: [
						{ name: 'Echo', inputType: '.bench.EchoMessage', outputType: '.bench.EchoMessage' },
						{
							name: 'Count',
							inputType: '.bench.CountRequest',
							outputType: '.bench.Chunk',
							serverStreaming: true,
						},
					],
				},
			],
		},
	],
};
