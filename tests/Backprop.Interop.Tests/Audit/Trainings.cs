using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Interop.Tests.Audit;

/// <summary>Small trainings to audit.</summary>
internal static class Trainings
{
    /// <summary>Rows of the table.</summary>
    public const int Rows = 64;

    /// <summary>Twenty steps of a network with that head.</summary>
    public static TrainingCase Of(string head, Optimizer optimizer)
        => Of(new Mlp([10, 24, 16, Outputs.Of(Head.Parse(head), 4)], Activation.Of(new Relu()), Head.Parse(head)), optimizer, 20);

    /// <summary>Steps of any network.</summary>
    public static TrainingCase Of(Model model, Optimizer optimizer, int steps)
    {
        var examples = RandomBatch.Of(model, Rows, 2);
        return new(RandomWeights.Of(model, examples, 1), examples, 16, optimizer, steps, 3);
    }
}
