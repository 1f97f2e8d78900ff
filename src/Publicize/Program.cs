using Publicize;

if (args.Length < 2)
{
    Console.Error.WriteLine("Usage: Publicize <output folder> <assembly.dll> [<assembly.dll> ...]");
    return 2;
}

var folder = Directory.CreateDirectory(args[0]).FullName;
foreach (var source in args[1..])
{
    var (image, changes) = ReferenceCopy.Of(File.ReadAllBytes(source));
    File.WriteAllBytes(Path.Combine(folder, Path.GetFileName(source)), image);
    Console.WriteLine($"{Path.GetFileName(source)}: {changes} members and types made accessible in the reference copy");
}

return 0;
