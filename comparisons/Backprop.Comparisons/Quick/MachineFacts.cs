using System.Numerics.Tensors;
using Backprop.Cli.Report;
using Backprop.Torch;
using Microsoft.ML.OnnxRuntime;

namespace Backprop.Comparisons.Quick;

/// <summary>Where figures were measured, and against which versions.</summary>
internal static class MachineFacts
{
    /// <summary>Name and value of each.</summary>
    public static IEnumerable<(string Name, string Value)> All
    {
        get
        {
            TorchLibrary.EnsureLoaded();
            return
            [
                .. Machine.Facts,
                ("libtorch", $"{TorchSharp.torch.__version__}, by TorchSharp {Machine.VersionOf(typeof(TorchSharp.torch))}"),
                ("ONNX Runtime", OrtEnv.Instance().GetVersionString()),
                ("System.Numerics.Tensors", Machine.VersionOf(typeof(TensorPrimitives))),
            ];
        }
    }
}
