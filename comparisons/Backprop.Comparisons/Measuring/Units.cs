namespace Backprop.Comparisons.Measuring;

/// <summary>A time in the field's units.</summary>
internal static class Units
{
    /// <summary>Rows per second; null where a case has none.</summary>
    public static double? RowsPerSecond(this Case measured, double microseconds) => measured.Rows > 0 ? measured.Rows / microseconds * 1e6 : null;

    /// <summary>Nanoseconds for one number; null where that is not the unit.</summary>
    public static double? NanosecondsPerElement(this Case measured, double microseconds)
        => measured.Elements > 0 ? microseconds * 1e3 / measured.Elements : null;

    /// <summary>10⁹ multiplications and additions of matrix products per second; null where there are none.</summary>
    public static double? Gflops(this Case measured, double microseconds) => measured.Operations > 0 ? measured.Operations / microseconds / 1e3 : null;
}
