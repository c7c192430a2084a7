"""What draws any mesh: rays, reflectance, light, camera, colour."""
