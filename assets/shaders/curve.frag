// Soft edges and a faint halo; the output is premultiplied for ONE, ONE_MINUS_SRC_ALPHA.
uniform float u_alpha;        // of one layer of curve
uniform float u_cover;        // 0: light adds up, 1: paint covers
uniform vec2 u_halo;          // strength and radius in pixels
varying vec4 v_colour;
varying vec2 v_edge;

void main() {
    float away = abs(v_edge.x);
    float thin = min(1.0, 2.0 * v_edge.y);
    float inner = max(v_edge.y, 0.5);
    float light = thin * (1.0 - smoothstep(inner - 0.5, inner + 0.7, away));
    if (u_halo.x > 0.0) {
        float far = away / u_halo.y;
        light += u_halo.x * exp(-far * far);
    }
    light *= u_alpha * v_colour.a;
    gl_FragColor = vec4(v_colour.rgb * light, min(light, 1.0) * u_cover);
}
