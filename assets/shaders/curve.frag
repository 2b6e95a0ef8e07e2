// Soft edges and a faint halo; the output is premultiplied for ONE, ONE_MINUS_SRC_ALPHA.
// Kept short: on a software renderer this is where the time goes.
uniform float u_cover;        // 0: light adds up, 1: paint covers
uniform vec3 u_halo;          // strength along the curve and at the head, radius in pixels
varying vec4 v_colour;
varying vec3 v_edge;

void main() {
    float away = abs(v_edge.x);
    float light = clamp(v_edge.y + 0.55 - away, 0.0, 1.0);
    light = light * light * (3.0 - 2.0 * light);
    if (v_edge.z > 0.005) {
        float far = away / u_halo.z;
        light += v_edge.z * exp(-far * far);
    }
    light *= v_colour.a;
    gl_FragColor = vec4(v_colour.rgb, u_cover) * light;
}
