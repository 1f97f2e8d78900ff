using Backprop.Models;

namespace Backprop.Audit;

/// <summary>Random signs, and directions in which to move a tensor.</summary>
internal static class RandomDirection
{
    extension(TorchRandom random)
    {
        /// <summary>1 or −1.</summary>
        public double NextSign() => random.NextUInt32() % 2 == 0 ? 1 : -1;

        /// <summary>± the root mean square of a tensor's numbers, or 1 where they are all 0, number by number.</summary>
        public double[] NextDirection(double[] numbers)
        {
            var size = Math.Sqrt(numbers.Sum(number => number * number) / numbers.Length);
            return Array.ConvertAll(numbers, _ => random.NextSign() * (size > 0 ? size : 1));
        }
    }
}
