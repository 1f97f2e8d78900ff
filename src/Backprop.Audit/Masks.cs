using Backprop.Models;
using Backprop.Models.Layers;

namespace Backprop.Audit;

/// <summary>Dropout's masks.</summary>
internal static class Masks
{
    extension(Model model)
    {
        /// <summary>Whether it has a dropout layer, whose masks are drawn at random.</summary>
        public bool HasDropout => model.Signals.Any(signal => signal.Layer is Dropout);
    }
}
