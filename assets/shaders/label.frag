uniform sampler2D u_atlas;
varying vec2 v_at;
varying vec4 v_tint;

void main() {
    float cover = texture2D(u_atlas, v_at).a * v_tint.a;
    gl_FragColor = vec4(v_tint.rgb * cover, cover);
}
