/* fs-pixel.js: where there is a TikTok pixel, the page's own or one that we load. */

import { hooks } from "./core";
import { adopt } from "./pair";
import { allow, introduce, report, withdraw } from "./pixel";
import { isSettled, look, sighting, untold, watchPixel } from "./sightings";

Object.assign(hooks, { pair: adopt, allow, introduce, report, withdraw, isSettled, look, sighting, untold });
watchPixel();
