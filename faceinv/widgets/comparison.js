// What the answers of two networks on the same face rest on.

import { explorer } from "./kernel.js";

export default explorer(["contrast", "keep", "compare"]);
