/** There is no WebRTC here: whoever tries it is told so. */
export class RTCPeerConnection {
  constructor() {
    throw new Error('no WebRTC here');
  }
}
export const RTCSessionDescription = RTCPeerConnection;
export const RTCIceCandidate = RTCPeerConnection;
