// A hairline: v_at is (pixels from the middle, half width).
varying vec2 v_at;
varying vec4 v_tint;

void main() {
    float cover = clamp(v_at.y + 0.5 - abs(v_at.x), 0.0, 1.0) * v_tint.a;
    gl_FragColor = vec4(v_tint.rgb * cover, cover);
}
