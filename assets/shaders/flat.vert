// What is drawn in device pixels over the picture: hairlines, labels, a veil.
uniform vec2 u_canvas;
attribute vec4 a_spot;        // x, y in pixels from the upper left; u, v
attribute vec4 a_tint;        // colour and alpha
varying vec2 v_at;
varying vec4 v_tint;

void main() {
    vec2 clip = a_spot.xy / u_canvas * 2.0 - 1.0;
    gl_Position = vec4(clip.x, -clip.y, 0.0, 1.0);
    v_at = a_spot.zw;
    v_tint = a_tint;
}
