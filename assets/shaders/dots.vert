// Points of a map, or the glowing heads of orbits: round, soft, depth-cued.
uniform mat4 u_matrix;
uniform vec2 u_depth;
uniform float u_cue;
uniform float u_size;         // diameter in device pixels at the middle depth
uniform vec4 u_fade;
uniform sampler2D u_colours;
attribute vec4 a_place;       // position, value
attribute float a_moment;     // time
varying vec4 v_colour;
varying float v_size;

void main() {
    gl_Position = u_matrix * vec4(a_place.xyz, 1.0);
    float depth = clamp((gl_Position.w - u_depth.x) / (u_depth.y - u_depth.x), 0.0, 1.0);
    float age = u_fade.x - a_moment;
    float young = 1.0 - clamp(age / u_fade.y, 0.0, 1.0);
    float bright = mix(u_fade.z, u_fade.w, young * young) * step(-1e-3 * u_fade.y, age);
    v_size = max(1.5, u_size * mix(1.0, mix(1.25, 0.75, depth), u_cue));
    gl_PointSize = v_size;
    vec4 colour = texture2DLod(u_colours, vec2(a_place.w, 0.5) * 0.99609375 + 0.001953125, 0.0);
    v_colour = vec4(colour.rgb, bright * mix(1.0, mix(1.0, 0.38, depth), u_cue));
}
