// <example>
using Backprop.Audit;
using Backprop.Models;

static class CheckOwnExample
{
    public static void Run(TextWriter output)
    {
        // A network of this library, on a batch.
        var weights = Initializers.Default<float>(Mlp.Parse("4-16-3", Backprop.Formulas.Activation.Parse("gelu"), Head.Multiclass), seed: 1);
        GradientAudit.Check(weights, RandomBatch.Of(weights.Model, rows: 32, seed: 2));

        // A backward pass written by hand, of float or double: one to three tensors, drawn at random or given.
        GradientAudit.Check<double>(
            forward: (x, y) => { for (var i = 0; i < 3; i++) y[i] = Math.Sin(x[i]); },
            backward: (x, dy, dx) => { for (var i = 0; i < 3; i++) dx[i] = dy[i] * Math.Cos(x[i]); },
            inputs: 3, outputs: 3);

        try
        {
            GradientAudit.Check<double>(
                forward: (x, y) => y[0] = x[0] * x[1] * x[2],
                backward: (x, dy, dx) => (dx[0], dx[1], dx[2]) = (dy[0] * x[1] * x[2], dy[0] * x[0] * x[2], dy[0] * x[0]),
                inputs: 3, outputs: 1);
        }
        catch (GradientAuditException error)
        {
            output.WriteLine(error.Message);                                     // dx, ...: ours worse. dx [0, 2]: ours ..., theirs (differences) ..., bound ...
        }
    }
}
// </example>
