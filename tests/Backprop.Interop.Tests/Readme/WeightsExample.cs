// <example>
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Torch;
using static TorchSharp.torch;

static class WeightsExample
{
    public static float[] Run(string path, float[] row)
    {
        TorchLibrary.EnsureLoaded();
        using var module = nn.Sequential(nn.Linear(4, 16), nn.SiLU(), nn.Linear(16, 3));
        var weights = new Weights<float>(Mlp.Parse("4-16-3", Activation.Parse("silu"), Head.Multiclass));
        weights.CopyFrom(module);                                                // CopyTo is the other way
        weights.SaveSafetensors(path);                                           // Python: safetensors.torch.load_file(path)
        weights.LoadSafetensors(path);

        var probabilities = new float[3];
        new Network<float>(weights).Score(row, probabilities);
        return probabilities;
    }
}
// </example>
