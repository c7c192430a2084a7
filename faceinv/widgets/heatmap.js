// What a network's answer rests on, and what is left of the answer when only a share of the pixels is.

import { explorer } from "./kernel.js";

export default explorer(["contrast", "keep"]);
