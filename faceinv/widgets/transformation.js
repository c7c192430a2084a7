// The same face turned, made smaller, shifted and blurred, with what a network makes of it.

import { explorer } from "./kernel.js";

export default explorer(["contrast", "change"]);
