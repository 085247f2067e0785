/** Who asks over HTTP: there is one token, so there is one name. */
export const requester = "api";
