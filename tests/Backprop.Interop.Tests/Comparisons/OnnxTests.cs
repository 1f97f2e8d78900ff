using Backprop.Comparisons.Onnx;
using Backprop.Formulas;
using Backprop.Models;
using Microsoft.ML.OnnxRuntime;

namespace Backprop.Interop.Tests.Comparisons;

/// <summary>Networks written as ONNX models give ONNX Runtime's users the engine's scores.</summary>
public sealed class OnnxTests
{
    // Three layers of at most 16 terms and a softmax, of numbers of size 1: some ten roundings each.
    private const float Tolerance = 2e-6f;

    public static TheoryData<string, string, string> Networks()
    {
        var networks = new TheoryData<string, string, string>();
        foreach (var activation in new[] { "identity", "relu", "sigmoid", "tanh" })
        {
            networks.Add("7-16-5-3", activation, "multiclass");
            networks.Add("7-16-5-1", activation, "binary");
            networks.Add("7-16-5-2", activation, "regression");
        }

        networks.Add("7-3", "relu", "multiclass");
        return networks;
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void OnnxRuntimeGivesTheEnginesScores(string sizes, string activation, string task)
    {
        const int Rows = 9;
        var mlp = Mlp.Parse(sizes, Activation.Parse(activation), Head.Parse(task));
        var weights = Initializers.Default<float>(mlp, 3);
        var (features, ours) = (new float[Rows * mlp.Inputs], new float[Rows * mlp.Outputs]);
        new TorchRandom(4).FillUniform(features, -1, 1);
        new Network<float>(weights).Score(features, ours);

        using var session = new InferenceSession(MlpModel.Of(weights));
        using var input = OrtValue.CreateTensorValueFromMemory(features, [Rows, mlp.Inputs]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, [MlpModel.Input], [input], [MlpModel.Output]);
        var theirs = outputs[0].GetTensorDataAsSpan<float>().ToArray();

        Assert.Equal(ours.Length, theirs.Length);
        Assert.All(ours.Zip(theirs).Index(), pair => Assert.True(
            Math.Abs(pair.Item.First - pair.Item.Second) <= Tolerance * Math.Max(1, Math.Abs(pair.Item.First)),
            $"{sizes} {activation} {task}, score {pair.Index}: {pair.Item.First:R} here, {pair.Item.Second:R} in ONNX Runtime"));
    }

    [Fact]
    public void AnActivationWithoutAnOperatorIsNamed()
    {
        var weights = new Weights<float>(Mlp.Parse("2-3-1", Activation.Parse("silu"), Head.Regression));
        Assert.Contains("'silu'", Assert.Throws<NotSupportedException>(() => MlpModel.Of(weights)).Message, StringComparison.Ordinal);
    }
}
