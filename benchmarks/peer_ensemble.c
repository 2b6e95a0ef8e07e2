/* The peer of the `ensemble` benchmark: RK4 of the Lorenz system in many lanes, as one would
   write it in C for speed. Structure of arrays, blocks of 64 lanes, blocks over all cores.
   state and values are (3, lanes), row by row; values are sigma, rho, beta of every lane. */

#include <stddef.h>

enum { BLOCK = 64 };

void ensemble(double *restrict state, const double *restrict values, ptrdiff_t lanes,
              ptrdiff_t steps, double h)
{
    #pragma omp parallel for schedule(dynamic)
    for (ptrdiff_t base = 0; base < lanes; base += BLOCK) {
        double x[BLOCK], y[BLOCK], z[BLOCK], sigma[BLOCK], rho[BLOCK], beta[BLOCK];
        const ptrdiff_t width = lanes - base < BLOCK ? lanes - base : BLOCK;
        for (ptrdiff_t l = 0; l < BLOCK; l++) {
            const ptrdiff_t i = base + (l < width ? l : 0);
            x[l] = state[i];
            y[l] = state[lanes + i];
            z[l] = state[2 * lanes + i];
            sigma[l] = values[i];
            rho[l] = values[lanes + i];
            beta[l] = values[2 * lanes + i];
        }
        for (ptrdiff_t step = 0; step < steps; step++)
            for (ptrdiff_t l = 0; l < BLOCK; l++) {
                const double s = sigma[l], r = rho[l], b = beta[l];
                const double x0 = x[l], y0 = y[l], z0 = z[l];
                const double x1 = s * (y0 - x0), y1 = x0 * (r - z0) - y0, z1 = x0 * y0 - b * z0;
                double u = x0 + 0.5 * h * x1, v = y0 + 0.5 * h * y1, w = z0 + 0.5 * h * z1;
                const double x2 = s * (v - u), y2 = u * (r - w) - v, z2 = u * v - b * w;
                u = x0 + 0.5 * h * x2, v = y0 + 0.5 * h * y2, w = z0 + 0.5 * h * z2;
                const double x3 = s * (v - u), y3 = u * (r - w) - v, z3 = u * v - b * w;
                u = x0 + h * x3, v = y0 + h * y3, w = z0 + h * z3;
                const double x4 = s * (v - u), y4 = u * (r - w) - v, z4 = u * v - b * w;
                x[l] = x0 + h / 6 * (x1 + 2 * (x2 + x3) + x4);
                y[l] = y0 + h / 6 * (y1 + 2 * (y2 + y3) + y4);
                z[l] = z0 + h / 6 * (z1 + 2 * (z2 + z3) + z4);
            }
        for (ptrdiff_t l = 0; l < width; l++) {
            state[base + l] = x[l];
            state[lanes + base + l] = y[l];
            state[2 * lanes + base + l] = z[l];
        }
    }
}
