using Backprop.Models;

namespace Backprop.Tests.Models;

/// <summary>Networks to be explained, in double, and their outputs as functions of features.</summary>
internal static class ExplainedNetworks
{
    /// <summary>A network with weights drawn from a seed, statistics that normalise, and a scale and a shift for each output.</summary>
    public static Network<double> Of(Model model)
    {
        var weights = Initializers.Default<double>(model, 3);
        var random = new TorchRandom(4);
        foreach (var tensor in weights.Tensors.Where(tensor => !tensor.Learned && !tensor.IsCount))
        {
            random.FillUniform<double>(weights[tensor], tensor.Name.EndsWith("running_var", StringComparison.Ordinal) ? 0.5 : -0.5, 1.5);
        }

        return new(weights, [.. Enumerable.Range(0, model.Outputs).Select(i => 1 + 0.5 * i)], [.. Enumerable.Range(0, model.Outputs).Select(i => 10.0 + i)]);
    }

    /// <summary>What is explained, rows × outputs: scores, or logits times the units of those that are scores.</summary>
    public static double[] Values(Network<double> network, ExplainedValue of, double[] features)
    {
        var rows = features.Length / network.Model.Inputs;
        var values = new double[rows * network.Model.Outputs];
        if (of == ExplainedValue.Score)
        {
            network.Score(features, values);
            return values;
        }

        // The same layers under regression heads, whose scores are the logits.
        var plain = Model.Of([.. network.Model.HeadOutputs.Select(output => new Output(output.Logits, Head.Regression))]);
        var weights = new Weights<double>(plain);
        network.CopyWeights().Values.CopyTo(weights.Values);
        new Network<double>(weights).Score(features, values);
        var (first, units) = (0, network.OutputScale);
        foreach (var (logits, head, _) in network.Model.HeadOutputs)
        {
            var scores = head switch { MulticlassHead or PoissonHead => 0, GaussianHead => logits.Width / 2, _ => logits.Width };
            for (var i = 0; i < rows * scores; i++)
            {
                var output = first + i % scores;
                values[i / scores * network.Model.Outputs + output] *= units[output];
            }

            first += logits.Width;
        }

        return values;
    }

    /// <summary>Rows × inputs, with category numbers where <see cref="Networks"/> has embeddings.</summary>
    public static double[] Features(Model model, int rows)
    {
        if (model.Inputs == 7)
        {
            return Networks.Table(model, rows).Features;
        }

        var features = new double[rows * model.Inputs];
        new TorchRandom(5).FillUniform<double>(features, -2, 2);
        return features;
    }
}
