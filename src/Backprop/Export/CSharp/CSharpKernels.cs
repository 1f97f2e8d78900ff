using Backprop.Kernels;

namespace Backprop.Export;

/// <summary>What C# source has for operations along a row: the engine's orders of additions, so the engine's bits.</summary>
internal static class CSharpKernels
{
    /// <summary>Each function: its source with T for the type, F for the class of its functions and U for its bits, and what it calls.</summary>
    public static IReadOnlyDictionary<string, (string Source, string[] Calls)> All { get; } = new Dictionary<string, (string, string[])>
    {
        ["Bits"] = ("""
            private static U Bits(T x) => BitConverter.TToUBits(x);
            """, []),
        ["Number"] = ("""
            private static T Number(U bits) => BitConverter.UBitsToT(bits);
            """, []),
        ["Multiply"] = ($$"""
            // y = x · w: each number one chain of fused multiply-adds over ascending k, in chunks of {{Gemm.Chunk}}.
            private static void Multiply(ReadOnlySpan<T> x, ReadOnlySpan<T> w, Span<T> y)
            {
                for (var start = 0; start < x.Length; start += {{Gemm.Chunk}})
                {
                    var terms = x.Slice(start, Math.Min({{Gemm.Chunk}}, x.Length - start));
                    var j = 0;
                    // Four vectors at once, so that one's multiply-add does not wait for its last one.
                    for (; j <= y.Length - 4 * Vector<T>.Count; j += 4 * Vector<T>.Count)
                    {
                        Vector<T> s0 = Vector<T>.Zero, s1 = s0, s2 = s0, s3 = s0;
                        for (var k = 0; k < terms.Length; k++)
                        {
                            var term = new Vector<T>(terms[k]);
                            var row = w.Slice((start + k) * y.Length + j, 4 * Vector<T>.Count);
                            s0 = Vector.FusedMultiplyAdd(term, new Vector<T>(row), s0);
                            s1 = Vector.FusedMultiplyAdd(term, new Vector<T>(row.Slice(Vector<T>.Count)), s1);
                            s2 = Vector.FusedMultiplyAdd(term, new Vector<T>(row.Slice(2 * Vector<T>.Count)), s2);
                            s3 = Vector.FusedMultiplyAdd(term, new Vector<T>(row.Slice(3 * Vector<T>.Count)), s3);
                        }

                        Store(s0, start, y.Slice(j));
                        Store(s1, start, y.Slice(j + Vector<T>.Count));
                        Store(s2, start, y.Slice(j + 2 * Vector<T>.Count));
                        Store(s3, start, y.Slice(j + 3 * Vector<T>.Count));
                    }

                    for (; j <= y.Length - Vector<T>.Count; j += Vector<T>.Count)
                    {
                        var sums = Vector<T>.Zero;
                        for (var k = 0; k < terms.Length; k++)
                        {
                            sums = Vector.FusedMultiplyAdd(new Vector<T>(terms[k]), new Vector<T>(w.Slice((start + k) * y.Length + j)), sums);
                        }

                        Store(sums, start, y.Slice(j));
                    }

                    for (; j < y.Length; j++)
                    {
                        T sum = 0;
                        for (var k = 0; k < terms.Length; k++)
                        {
                            sum = F.FusedMultiplyAdd(terms[k], w[(start + k) * y.Length + j], sum);
                        }

                        y[j] = start == 0 ? sum : y[j] + sum;
                    }
                }
            }
            """, ["Store"]),
        ["Store"] = ("""
            private static void Store(Vector<T> sums, int start, Span<T> y) => (start == 0 ? sums : new Vector<T>(y) + sums).CopyTo(y);
            """, []),
        ["SquaredDistances"] = ($$"""
            // y = ‖x − w‖² for each column of w, in the same chunks.
            private static void SquaredDistances(ReadOnlySpan<T> x, ReadOnlySpan<T> w, Span<T> y)
            {
                for (var j = 0; j < y.Length; j++)
                {
                    for (var start = 0; start < x.Length; start += {{Gemm.Chunk}})
                    {
                        T sum = 0;
                        for (var k = start; k < Math.Min(start + {{Gemm.Chunk}}, x.Length); k++)
                        {
                            var difference = x[k] - w[k * y.Length + j];
                            sum = F.FusedMultiplyAdd(difference, difference, sum);
                        }

                        y[j] = start == 0 ? sum : y[j] + sum;
                    }
                }
            }
            """, []),
        ["Sum"] = ($$"""
            // Over {{Reduce.Lanes}} partial sums and a tree.
            private static T Sum(ReadOnlySpan<T> x)
            {
                Span<T> lanes = stackalloc T[{{Reduce.Lanes}}];
                lanes.Clear();
                for (var i = 0; i < x.Length; i++)
                {
                    lanes[i % {{Reduce.Lanes}}] += x[i];
                }

                return Tree(lanes);
            }
            """, ["Tree"]),
        ["Tree"] = ($$"""
            private static T Tree(Span<T> lanes)
            {
                for (var half = {{Reduce.Lanes / 2}}; half > 0; half /= 2)
                {
                    for (var i = 0; i < half; i++)
                    {
                        lanes[i] += lanes[i + half];
                    }
                }

                return lanes[0];
            }
            """, []),
        ["Normalise"] = ($$"""
            // (x − mean) / √(variance + ε).
            private static void Normalise(ReadOnlySpan<T> x, T epsilon, Span<T> y)
            {
                var mean = Sum(x) / x.Length;
                Span<T> lanes = stackalloc T[{{Reduce.Lanes}}];
                lanes.Clear();
                for (var i = 0; i < x.Length; i++)
                {
                    lanes[i % {{Reduce.Lanes}}] += (x[i] - mean) * (x[i] - mean);
                }

                var inverse = 1 / F.Sqrt(Tree(lanes) / x.Length + epsilon);
                for (var i = 0; i < x.Length; i++)
                {
                    y[i] = (x[i] - mean) * inverse;
                }
            }
            """, ["Sum", "Tree"]),
        ["Most"] = ("""
            // NaN is passed over.
            private static T Most(ReadOnlySpan<T> x)
            {
                var most = T.NegativeInfinity;
                foreach (var number in x)
                {
                    most = number - most > 0 ? number : most;
                }

                return most;
            }
            """, []),
        ["Softmax"] = ("""
            private static void Softmax(ReadOnlySpan<T> x, Span<T> y)
            {
                var most = Most(x);
                for (var i = 0; i < x.Length; i++)
                {
                    y[i] = Exp(x[i] - most);
                }

                var sum = Sum(y);
                for (var i = 0; i < y.Length; i++)
                {
                    y[i] /= sum;
                }
            }
            """, ["Most", "Exp", "Sum"]),
        ["LogSoftmax"] = ("""
            private static void LogSoftmax(ReadOnlySpan<T> x, Span<T> y)
            {
                var most = Most(x);
                for (var i = 0; i < x.Length; i++)
                {
                    y[i] = Exp(x[i] - most);
                }

                var logarithm = Log(Sum(y));
                for (var i = 0; i < y.Length; i++)
                {
                    y[i] = x[i] - most - logarithm;
                }
            }
            """, ["Most", "Exp", "Log", "Sum"]),
        ["Category"] = ("""
            private static int Category(T number, int count) => number >= 0 && number < count && F.Truncate(number) == number
                ? (int)number
                : throw new ArgumentException($"The category {number} is no whole number from 0 to {count - 1}.");
            """, []),
    };
}
