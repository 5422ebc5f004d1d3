// Only the ASN.1 part of node-forge is loaded: the whole package costs three times as much start-up time.
declare module 'node-forge/lib/asn1.js' {
	import { asn1 } from 'node-forge';
	export default asn1;
}
