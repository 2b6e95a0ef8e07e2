uniform float u_alpha;
uniform float u_cover;
uniform float u_core;         // radius of the bright core over the radius of the dot
uniform float u_white;        // how far the core is drawn towards u_light
uniform vec3 u_light;
varying vec4 v_colour;
varying float v_size;

void main() {
    float away = length(gl_PointCoord - 0.5) * 2.0;
    float edge = 2.0 / v_size;
    float core = 1.0 - smoothstep(u_core - edge, u_core + edge, away);
    float rest = max(0.0, 1.0 - away);
    float glow = rest * rest * 0.75;
    float light = max(core, glow) * u_alpha * v_colour.a;
    vec3 colour = mix(v_colour.rgb, u_light, core * u_white);
    gl_FragColor = vec4(colour * light, min(light, 1.0) * mix(u_cover, 1.0, core * u_white));
}
