import { ApiProperty } from '@nestjs/swagger';
import { NamedPlacementDto } from '#placements';

export class PlacementsDto {
  @ApiProperty({ description: 'By name.', type: [NamedPlacementDto] })
  placements!: NamedPlacementDto[];
}
