// A curve as a strip of two vertices a point, widened to pixels here, coloured and depth-cued.
uniform mat4 u_matrix;        // unit cube of this curve -> clip
uniform vec2 u_canvas;        // drawing area in device pixels
uniform float u_half;         // half the line width in device pixels, at the middle depth
uniform vec3 u_halo;          // strength along the curve and at the head, radius in pixels
uniform vec2 u_depth;         // clip-space w of the near and the far side
uniform float u_alpha;        // of one layer of curve
uniform float u_cue;          // 0: flat, 1: the far side is dim and thin
uniform vec4 u_fade;          // head time, tail length, brightness beyond the tail, boost at the head
uniform sampler2D u_colours;  // one row of colours over the value
attribute vec4 a_place;       // position, side * (1 + value)
attribute vec4 a_along;       // direction, time
varying vec4 v_colour;        // colour, alpha
varying vec3 v_edge;          // pixels from the middle line, half width (at least a half), halo

void main() {
    vec4 own = u_matrix * vec4(a_place.xyz, 1.0);
    vec4 ahead = u_matrix * vec4(a_place.xyz + a_along.xyz, 1.0);
    vec2 direction = (ahead.xy * own.w - own.xy * ahead.w) * u_canvas;
    float size = length(direction);
    direction = size > 1e-12 ? direction / size : vec2(1.0, 0.0);

    float depth = clamp((own.w - u_depth.x) / (u_depth.y - u_depth.x), 0.0, 1.0);
    float age = u_fade.x - a_along.w;
    float young = 1.0 - clamp(age / u_fade.y, 0.0, 1.0);
    float bright = mix(u_fade.z, u_fade.w, young * young);
    // What has not happened yet (a body newer than the head) is not drawn.
    bright *= step(-1e-3 * u_fade.y, age);

    float half_width = u_half * mix(1.0, mix(1.25, 0.75, depth), u_cue);
    float side = sign(a_place.w);
    float halo = mix(u_halo.x, u_halo.y, young * young);
    float reach = max(half_width, 0.5) + (halo > 0.005 ? 2.1 * u_halo.z : 0.6);
    gl_Position = own;
    gl_Position.xy += vec2(-direction.y, direction.x) * (side * reach * 2.0 * own.w) / u_canvas;
    v_edge = vec3(side * reach, max(half_width, 0.5), halo);

    vec4 colour = texture2DLod(u_colours, vec2(abs(a_place.w) - 1.0, 0.5) * 0.99609375 + 0.001953125, 0.0);
    // A line thinner than a pixel is drawn a pixel wide and fainter.
    v_colour = vec4(colour.rgb, u_alpha * min(1.0, 2.0 * half_width) * bright * mix(1.0, mix(1.0, 0.38, depth), u_cue));
}
